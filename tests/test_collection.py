"""No test stands where pytest does not look."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent


def test_pytest_looks_into_every_folder_with_tests(request: pytest.FixtureRequest) -> None:
    left_out = request.config.getini("norecursedirs")
    folders = {folder.name for folder in HERE.iterdir() if any(folder.glob("test_*.py"))}

    assert {"build", "streams"} <= folders
    assert [folder for folder in folders if any(fnmatch(folder, pattern) for pattern in left_out)] == []
