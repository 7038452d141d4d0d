"""Tests that need something a machine may lack: they are skipped there, but never where everything must run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

VARIABLE = "FEATURE_MAP_EXPLORER_REQUIRE_ALL"


def missing(reason: str) -> NoReturn:
    """Skip the test; fail it where the environment says that nothing may be skipped."""
    if os.environ.get(VARIABLE):
        pytest.fail(f"{reason}, and {VARIABLE} is set", pytrace=False)
    pytest.skip(reason)
