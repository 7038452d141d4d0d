"""Without a display the program says so in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.end_to_end.program import ROOT

_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may have no display")
@pytest.mark.parametrize(
    ("variables", "words"),
    [({}, "There is no display"), ({"DISPLAY": ":9876"}, "The display ':9876' does not answer")],
)
def test_start__without_a_display_is_one_sentence_and_exit_code_3(
    variables: dict[str, str], words: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
    done = subprocess.run(
        [sys.executable, "-m", "explorer"],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith(words)
    assert done.stderr.count("\n") == 1
    assert "feature-map-explorer render" in done.stderr, "it names what works all the same"
