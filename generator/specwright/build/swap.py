"""One folder takes the place of another: in one step where the kernel can, else in two that the next run can finish."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["locked", "previous_path", "recover", "staged_path", "swap_in"]

_CURRENT_FOLDER = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


def staged_path(folder: Path) -> Path:
    """Where the new tree is put together."""
    return folder.with_name(f".{folder.name}.staged")


def previous_path(folder: Path) -> Path:
    """Where the old tree is between the two renames."""
    return folder.with_name(f".{folder.name}.previous")


def recover(folder: Path) -> None:
    """Clears up after a run that was cut off: the tree is the old one or the new one, whole in either case."""
    previous = previous_path(folder)
    if previous.exists():
        if folder.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(folder)
    if staged_path(folder).exists():
        shutil.rmtree(staged_path(folder))


def swap_in(folder: Path) -> None:
    """Puts the staged tree in the place of `folder`, and removes the old one."""
    staged, previous = staged_path(folder), previous_path(folder)
    if not folder.exists():
        staged.rename(folder)
    elif _exchange(staged, folder):
        shutil.rmtree(staged)
    else:
        folder.rename(previous)
        staged.rename(folder)
        shutil.rmtree(previous)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step; False where this system or file system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    failed = libc.renameat2(_CURRENT_FOLDER, os.fsencode(one), _CURRENT_FOLDER, os.fsencode(other), _EXCHANGE)
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other runs out of a folder, where the system has such locks; nothing is left behind."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
