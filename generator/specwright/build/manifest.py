"""The manifest: which files of a generated package the generator wrote, and what they held then."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MANIFEST", "RUNTIME_FOLDER", "DamagedManifest", "Manifest", "digest"]

MANIFEST = ".specwright-manifest.json"
RUNTIME_FOLDER = "_runtime"
"""Where the copy of the runtime lies: generated files without a first line that says so."""


class DamagedManifest(Exception):
    """The manifest cannot be read, so nobody knows which files are the generator's."""


def digest(content: bytes) -> str:
    """What the manifest remembers of a file."""
    return sha256(content).hexdigest()


@define(frozen=True)
class Manifest:
    """Path below the package → SHA-256 of what the generator wrote there."""

    files: Mapping[str, str]

    @classmethod
    def of(cls, tree: Mapping[str, bytes]) -> Manifest:
        return cls({path: digest(content) for path, content in sorted(tree.items())})

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest of a generated package; None where there is none.

        Raises:
            DamagedManifest: There is one, and it is not what the generator writes.
        """
        path = folder / MANIFEST
        try:
            document = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise DamagedManifest(f"{path}: {error}") from error
        files = document.get("files") if isinstance(document, dict) else None
        if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
            raise DamagedManifest(f"{path}: not a manifest")
        return cls(files)

    def to_bytes(self) -> bytes:
        """One file a line, so that a change of one is a change of one line."""
        return (json.dumps({"files": self.files}, indent=2, ensure_ascii=False) + "\n").encode()
