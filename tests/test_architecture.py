"""Who may import whom, and where compiled code, OpenCV, Qt and long modules may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "explorer"
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
MAXIMUM_LINES = 400

EVERYONE = {"errors", "resources"}
DOCUMENT_AND_BELOW = {"jit", "engine", "imaging", "layers", "document", "summary", "memory"}
BELOW_LIVE = DOCUMENT_AND_BELOW | {"export", "interop", "render", "precompile"}
MAY_IMPORT = {
    "errors": set[str](),
    "resources": set[str](),
    "jit": set[str](),
    "engine": {"jit"},
    "imaging": {"jit"},
    "layers": {"engine", "jit"},
    "memory": set[str](),
    "precompile": {"engine", "imaging", "jit"},
    "summary": {"engine", "layers"},
    "document": {"engine", "imaging", "layers"},
    "export": DOCUMENT_AND_BELOW,
    "interop": DOCUMENT_AND_BELOW,
    "render": DOCUMENT_AND_BELOW | {"export"},
    "settings": {"imaging", "memory"},
    "live": BELOW_LIVE | {"settings"},
    "ui": BELOW_LIVE | {"settings", "live", "doctor"},
    "doctor": BELOW_LIVE | {"settings", "preflight"},
    "preflight": set[str](),
    "app": BELOW_LIVE | {"settings", "live", "ui", "preflight", "doctor"},
    "cli": BELOW_LIVE | {"settings", "live", "app", "preflight", "doctor"},
    "__main__": {"cli"},
    "__init__": set[str](),
}

ALLOWED_PACKAGES = {
    "jit": {"numpy", "numba", "llvmlite", "platformdirs"},
    "engine": {"numpy"},
    "imaging": {"numpy", "cv2", "PIL", "tifffile"},
    "layers": {"numpy"},
    "document": {"numpy"},
    "memory": {"psutil"},
    "summary": {"numpy"},
    "export": {"numpy", "PIL", "tifffile"},
    "interop": {"numpy"},
    "live": {"numpy", "PySide6", "psutil", "platformdirs"},
}
WINDOW_PACKAGES = {"PySide6", "pyqtgraph", "superqt", "shiboken6"}
COMPILING = {"njit", "jit", "cfunc", "vectorize", "guvectorize", "intrinsic", "stencil", "overload"}

modules = pytest.mark.parametrize("name", MODULES)


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def room(name: str) -> str:
    """The room, or the top-level module, that a file belongs to."""
    return name.partition("/")[0].removesuffix(".py")


def imports(name: str) -> Iterator[str]:
    """Every imported name with its module in full, such as ``explorer.jit.cache`` or ``PySide6.QtCore.Qt``."""
    package = ["explorer", *name.split("/")[:-1]]
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def packages(name: str) -> set[str]:
    """The top-level packages that a module imports."""
    return {imported.partition(".")[0] for imported in imports(name)}


def test_architecture__there_are_modules_to_look_at() -> None:
    assert {"engine/__init__.py", "layers/layer.py", "document/document.py"} <= MODULES.keys()


@modules
def test_imports__go_one_way(name: str) -> None:
    here = room(name)
    assert here in MAY_IMPORT, f"{here} has no line in the table of who may import whom"
    ours = [imported.split(".") for imported in imports(name) if imported.startswith("explorer")]
    rooms = {parts[1] if len(parts) > 1 else "__init__" for parts in ours}
    # "from explorer import __version__" names no room
    rooms = {target for target in rooms if target in MAY_IMPORT} - {here, "__init__"}
    assert rooms <= MAY_IMPORT[here] | EVERYONE, (
        f"{name} must not import {rooms - MAY_IMPORT[here] - EVERYONE}"
    )


@modules
def test_imports__only_the_packages_of_the_room(name: str) -> None:
    allowed = ALLOWED_PACKAGES.get(room(name))
    if allowed is not None:
        foreign = {
            package for package in packages(name) - {"explorer", "__future__"} if not standard(package)
        }
        assert foreign <= allowed, f"{name} must not import {foreign - allowed}"


def standard(package: str) -> bool:
    """Whether a package comes with Python."""
    return package in sys.stdlib_module_names


@modules
def test_imports__no_window_below_live(name: str) -> None:
    if room(name) in BELOW_LIVE | EVERYONE | {"settings"}:
        assert not packages(name) & WINDOW_PACKAGES
    if room(name) == "live":
        qt = {
            ".".join(imported.split(".")[:2]) for imported in imports(name) if imported.startswith("PySide6")
        }
        assert qt <= {"PySide6.QtCore", "PySide6.QtGui"}
        assert not packages(name) & (WINDOW_PACKAGES - {"PySide6"})


@modules
def test_imports__opencv_in_one_module_only(name: str) -> None:
    assert "cv2" not in packages(name) or name == "imaging/opencv.py"


@modules
def test_numba__in_the_compile_policy_only(name: str) -> None:
    if name == "jit/compiler.py":
        return
    # The doctor reports which numba there is; that compiles nothing.
    assert name == "doctor.py" or not packages(name) & {"numba", "llvmlite"}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            used = {part for decorator in node.decorator_list for part in names_in(decorator)}
            assert not used & COMPILING, f"{name} compiles {node.name} by itself"


def names_in(node: ast.AST) -> Iterator[str]:
    """Every name and attribute in an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


@modules
def test_modules__are_short(name: str) -> None:
    lines = MODULES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= MAXIMUM_LINES, f"{name} has {lines} lines: it is two modules"


@modules
def test_modules__say_why_they_exist(name: str) -> None:
    assert ast.get_docstring(tree(name)), f"{name} has no docstring"
