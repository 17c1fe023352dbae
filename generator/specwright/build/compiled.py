"""Keeps the built-in templates compiled, in a `__pycache__` beside them, as Python does with modules."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

__all__ = ["CompiledTemplates"]


class CompiledTemplates(BytecodeCache):
    """The compiled templates of one folder; others are compiled anew in each run, and leave nothing behind.

    Args:
        folder: The built-in templates.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The file that holds a compiled template; empty where it is not one of the folder's."""
        if filename is None or Path(filename).parent != self._folder:
            return ""
        return f"{cache_from_source(filename)}-{jinja2.__version__}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes over what an earlier run compiled, if the template is still the same."""
        if not bucket.key:
            return
        with suppress(OSError, ValueError, EOFError, TypeError):  # Whatever is wrong with it: it is compiled again.
            checksum, _, code = Path(bucket.key).read_bytes().partition(b"\n")
            if checksum == bucket.checksum.encode():
                bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was compiled, where this is possible and wanted."""
        if not bucket.key or sys.dont_write_bytecode:
            return
        place = Path(bucket.key)
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        with suppress(OSError):  # The folder cannot be written: the next run compiles too.
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(bucket.checksum.encode() + b"\n" + marshal.dumps(bucket.code))
            fresh.replace(place)
