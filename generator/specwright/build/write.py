"""Writes a generated package: all of it or nothing. Files that the generator did not write stay as they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define

from .compare import Difference, compare, kept_files
from .durability import wait_for_disk
from .manifest import MANIFEST, Manifest
from .swap import locked, recover, staged_path, swap_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["ForeignFiles", "write_tree"]


@define
class ForeignFiles(Exception):
    """Files that the generator did not write stand where it would write; nothing was changed."""

    folder: Path
    paths: Sequence[str]

    def __str__(self) -> str:
        named = ", ".join(str(self.folder / path) for path in self.paths)
        return f"not written by specwright, and in its way: {named}"


def write_tree(folder: Path, tree: Mapping[str, bytes], *, keep: Collection[str] = ()) -> list[Difference]:
    """Makes `folder` what `tree` says, and tells what was different. Where nothing was, nothing is written.

    The new tree is put together beside the old one, unchanged and foreign files as links to the same content, and then
    takes its place in one step. A crash leaves the old tree or the new one.

    Args:
        folder: The generated package.
        tree: Path below it → content.
        keep: Folders below it whose generated files stay as they are (products that were not built).

    Raises:
        ForeignFiles: A file that the generator did not write is in the way.
        DamagedManifest: Nobody knows which files are the generator's.
        OSError: The file system refused; the old tree is untouched.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        recover(folder)
        differences = compare(folder, tree, keep=keep)
        foreign = [difference.path for difference in differences if difference.kind == "foreign"]
        if foreign:
            raise ForeignFiles(folder, foreign)
        if differences:
            _stage(folder, tree, differences, keep)
            swap_in(folder)
    return differences


def _stage(folder: Path, tree: Mapping[str, bytes], differences: Sequence[Difference], keep: Collection[str]) -> None:
    staged = staged_path(folder)
    staged.mkdir()
    if folder.exists():
        shutil.copymode(folder, staged)
        left_out = {MANIFEST, *(difference.path for difference in differences)}
        _link_all(folder, staged, left_out)
    manifest = Manifest.read(folder)
    kept = kept_files(manifest.files if manifest else {}, keep)
    files = {**kept, **Manifest.of(tree).files}
    written = {difference.path: tree[difference.path] for difference in differences if difference.path in tree}
    written[MANIFEST] = Manifest(dict(sorted(files.items()))).to_bytes()
    for path, content in written.items():
        _write(staged / path, content)
    wait_for_disk([staged / path for path in written])


def _link_all(source: Path, target: Path, left_out: Collection[str], below: str = "") -> None:
    """Makes every file of `source` appear in `target`, but for those of `left_out`; folders that get empty go."""
    with os.scandir(source) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            copy = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                copy.mkdir()
                _link_all(Path(entry.path), copy, left_out, f"{path}/")
                shutil.copymode(entry.path, copy)
                if any(gone.startswith(f"{path}/") for gone in left_out) and _is_bare(copy):
                    shutil.rmtree(copy)
            elif path not in left_out:
                _link(entry, copy)


def _is_bare(folder: Path) -> bool:
    """Whether nothing is left but bytecode: such a folder could still be imported, as a namespace package."""
    return all(entry.name == "__pycache__" for entry in folder.iterdir())


def _link(entry: os.DirEntry[str], copy: Path) -> None:
    if entry.is_symlink():
        copy.symlink_to(Path(entry.path).readlink())
        return
    try:
        os.link(entry.path, copy)
    except OSError:  # The file system has no hard links.
        shutil.copy2(entry.path, copy)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
