"""The wheel works where there is no checkout: it brings its files, its commands and nothing else."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from explorer import __version__
from tests.required import missing

ROOT = Path(__file__).parent.parent

_FILES = (
    "icons/app.svg",
    "icons/LICENSE.txt",
    "colormaps/signed.csv",
    "colormaps/LICENSES.md",
    "pictures/camera.png",
    "pictures/SAMPLES.md",
    "networks/start.json",
)


def pip(*arguments: str | Path) -> None:
    """Run pip without looking anything up."""
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--no-deps", "--no-index", "--quiet"]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, freshly built."""
    for package in ("hatchling", "pip"):
        if importlib.util.find_spec(package) is None:
            missing(f"building the wheel needs {package}: pip install {package}")
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "--no-build-isolation", "--wheel-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel was installed."""
    target = tmp_path_factory.mktemp("site-packages")
    pip("install", wheel, "--target", target)
    return target


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """What Python prints that finds the program only where it was installed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", _FILES)
def test_wheel__has_the_files_that_ship_with_the_program(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(f"explorer/_resources/{name}").file_size > 0


def test_wheel__has_every_module_and_every_resource_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "explorer").rglob("*.py")}
    resources = ROOT / "resources"
    files = {
        f"explorer/_resources/{path.relative_to(resources).as_posix()}"
        for path in resources.rglob("*")
        if path.is_file() and not path.is_relative_to(resources / "screenshots")  # of the README
    }
    assert names == modules | files


def test_wheel__declares_both_commands_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (about,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        declared = archive.read(f"{about}/entry_points.txt").decode()
        metadata = archive.read(f"{about}/METADATA").decode()
        assert archive.getinfo(f"{about}/licenses/LICENSE").file_size > 0
    commands = configparser.ConfigParser()
    commands.read_string(declared)
    assert commands["console_scripts"]["feature-map-explorer"] == "explorer.cli:main"
    assert commands["gui_scripts"]["feature-map-explorer-window"] == "explorer.cli:main"
    assert f"\nVersion: {__version__}\n" in metadata


def test_installed__finds_its_own_files(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, explorer\n"
        "from explorer.resources import resource\n"
        f"found = {{name: str(resource(name)) for name in {_FILES!r}}}\n"
        "print(json.dumps([explorer.__file__, found]))"
    )
    package, found = json.loads(run(installed, tmp_path, "-c", code))
    assert Path(package).is_relative_to(installed)
    for name, path in found.items():
        assert Path(path).is_file(), name
        assert Path(path).is_relative_to(installed), name


def test_installed__reads_its_start_example(installed: Path, tmp_path: Path) -> None:
    code = (
        "from explorer.document.start import start_document\n"
        "document = start_document()\n"
        "print(document.image.pixels.shape, len(document.network.layers))"
    )
    assert run(installed, tmp_path, "-c", code) == "(380, 512, 1) 5\n"


def test_installed__summary_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    network = installed / "explorer" / "_resources" / "networks" / "start.json"
    printed = run(installed, tmp_path, "-m", "explorer", "summary", str(network), "--input", "1,380,512")
    assert "conv2d" in printed
    assert "max_pool2d" in printed
