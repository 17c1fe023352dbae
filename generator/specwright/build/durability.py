"""Waits until files have reached the disk, so that a power cut cannot empty what was put in place after that."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["wait_for_disk"]

_AT_ONCE = 32
"""A disk stores what many ask for in one go: a hundred files, asked for one after the other, took ten times as long."""


def wait_for_disk(files: Sequence[Path]) -> None:
    """Returns when the content of all `files` is stored.

    Raises:
        OSError: The disk is full or failing.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(_store, files):
            pass


def _store(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
