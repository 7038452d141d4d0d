"""What every test needs: the user's own folders stay untouched, and tests below the window run without Qt."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Windows of the tests appear on no screen; those that need a real one say so themselves.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_QT_OPTIONS = {"qt_api": "string", "qt_log_level_fail": "string", "qt_log_ignore": "linelist"}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Where pytest-qt is absent or switched off, its options stay known."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name, kind in _QT_OPTIONS.items():
            parser.addini(name, "an option of pytest-qt, which is not loaded", type=kind)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def own_settings_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings and logs go to a temporary folder; compiled kernels stay cached where they are."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(home / name.lower()))
        yield
