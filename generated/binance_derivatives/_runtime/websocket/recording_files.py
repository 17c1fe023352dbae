"""Which files this process records to and plays: a recording has one writer, and none while it is played.

Two writers would leave a file that nobody can play, and a writer begins by emptying its file. Other processes are not
known of.
"""

from __future__ import annotations

import os
from weakref import WeakKeyDictionary

from ..errors import ConfigurationError

__all__ = ["leave_file", "read_file", "write_file"]

_writers: WeakKeyDictionary[object, str] = WeakKeyDictionary()
_readers: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def write_file(path: str | os.PathLike[str], writer: object) -> None:
    """The file is the writer's until `leave_file`.

    Raises:
        ConfigurationError: It is written or played by another one.
    """
    real = os.path.realpath(path)
    if real in _readers.values():
        raise ConfigurationError(f"{path} is being played, and recording to it would empty it: record to another file")
    if real in _writers.values():
        raise ConfigurationError(f"another stream is being recorded to {path}: give each a file of its own")
    _writers[writer] = real


def read_file(path: str | os.PathLike[str], reader: object) -> None:
    """Nobody may begin to write the file until `leave_file`; who does already may go on."""
    _readers[reader] = os.path.realpath(path)


def leave_file(user: object) -> None:
    """The file is free again, for all that this one did with it."""
    _writers.pop(user, None)
    _readers.pop(user, None)
