from __future__ import annotations

import json
import os
import subprocess
import sys

NAMES = (
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "QT_QPA_FONTDIR",
    "OPENCV_LOG_LEVEL",
    "OPENCV_IO_MAX_IMAGE_PIXELS",
)
SCRIPT = f"""
import json, os
before = {{name: os.environ.get(name) for name in {NAMES}}}
from explorer.imaging.opencv import cv2
print(json.dumps([before, {{name: os.environ.get(name) for name in {NAMES}}}, cv2.__name__]))
"""


def environment_around_the_import(environment: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The variables before and after the import, in a fresh interpreter."""
    clean = {name: value for name, value in os.environ.items() if name not in NAMES}
    command = [sys.executable, "-c", SCRIPT]
    result = subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True)
    before, after, name = json.loads(result.stdout)
    assert name == "cv2"
    return before, after


def test_opencv__importing_it_leaves_the_environment_as_it_was() -> None:
    before, after = environment_around_the_import({})
    assert before == after == dict.fromkeys(NAMES)


def test_opencv__a_users_own_settings_survive() -> None:
    own = dict(zip(NAMES, ("/my/plugins", "/my/fonts", "ERROR", "1000"), strict=True))
    assert environment_around_the_import(own) == (own, own)


def test_opencv__decoders_do_not_write_to_stderr() -> None:
    script = (
        "import numpy as np; from explorer.imaging.opencv import cv2; "
        "print(cv2.imdecode(np.frombuffer(b'II*\\0' + bytes(60), np.uint8), cv2.IMREAD_UNCHANGED))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "None\n"
    assert result.stderr == ""
