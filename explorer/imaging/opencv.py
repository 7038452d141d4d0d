"""The only module that imports ``cv2``.

Its Linux wheels point Qt at their own Qt 5 plug-ins through the environment, which misleads the error
messages of this program's Qt 6 and leaks into child processes. So the environment is put back as it was.
"""

from __future__ import annotations

import os

_DURING_IMPORT = {
    "OPENCV_LOG_LEVEL": "SILENT",  # decoders log to stderr what this program says in a sentence
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(2**30),
}
_CHANGED_BY_CV2 = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")

_before = {name: os.environ.get(name) for name in (*_DURING_IMPORT, *_CHANGED_BY_CV2)}
for _name, _default in _DURING_IMPORT.items():
    os.environ.setdefault(_name, _default)

import cv2  # noqa: E402

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

__all__ = ["cv2"]
