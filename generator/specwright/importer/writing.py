"""Writes files so that a reader sees the old text or the new one, and all of them or, where one fails, few."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["write_files"]


def write_files(texts: Mapping[Path, str]) -> list[Path]:
    """Writes the texts that differ from what their files have, and returns those files.

    All texts are on disk under other names before the first file is replaced.

    Raises:
        OSError: A file cannot be written.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            data = text.encode()
            if path.is_file() and path.read_bytes() == data:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
                waiting.append((Path(file.name), path))
                file.write(data)
            if path.is_file():
                Path(file.name).chmod(path.stat().st_mode)
            else:
                Path(file.name).chmod(0o666 & ~_umask())
        for temporary, path in waiting:
            temporary.replace(path)
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
    return [path for _, path in waiting]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
