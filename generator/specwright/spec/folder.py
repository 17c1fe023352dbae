"""Which files a spec folder has, and what they give; files that did not change are not bound again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from attrs import define, field

from .bind.files import EXCHANGE_FILE, FOLDER_FILES, PRODUCT_FILES
from .bind.part import Part, bind_file, unreadable
from .findings import Code, Findings
from .position import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .bind.files import Content
    from .bind.shape import Entry

__all__ = ["FolderReader", "ProductParts", "SpecParts"]

_EXCHANGE: Final = "exchange.yaml"
_PRODUCT: Final = "product.yaml"
_YAML: Final = (".yaml", ".yml")


@define(eq=False)
class ProductParts:
    """The files of one product, by what they hold."""

    name: str
    path: str
    """The folder's path as it is printed."""
    files: dict[str, Part] = field(factory=dict)
    """By name: product.yaml, enums.yaml, errors.yaml."""
    folders: dict[str, list[Part]] = field(factory=lambda: {name: [] for name in FOLDER_FILES})
    """By folder: models, operations, streams."""

    def parts(self) -> Iterator[Part]:
        """All of them."""
        yield from self.files.values()
        for parts in self.folders.values():
            yield from parts


@define(eq=False)
class SpecParts:
    """All files of a spec."""

    path: str
    digest: str
    findings: Findings
    """What is wrong with the folder itself, not with what stands in a file."""
    exchange: Part | None = None
    products: list[ProductParts] = field(factory=list)

    def parts(self) -> Iterator[Part]:
        """All of them."""
        if self.exchange is not None:
            yield self.exchange
        for product in self.products:
            yield from product.parts()


@define(eq=False)
class FolderReader:
    """Reads a spec folder, again and again if need be; a file is bound again only when its bytes have changed."""

    folder: Path
    _kept: dict[str, tuple[bytes, Part]] = field(factory=dict, init=False)
    _digest: hashlib._Hash = field(factory=hashlib.sha256, init=False)
    _findings: Findings = field(factory=Findings, init=False)

    def read(self) -> SpecParts:
        """The parts of all files as they are now. Never raises: what cannot be read is a finding."""
        self._digest = hashlib.sha256()
        self._findings = Findings()
        exchange: Part | None = None
        products: list[ProductParts] = []
        for entry in self._entries(self.folder):
            if entry.name == _EXCHANGE:
                exchange = self._part(entry, EXCHANGE_FILE)
            elif entry.is_dir():
                products.append(self._product(entry))
            elif entry.suffix in _YAML:
                self._unexpected(entry, [_EXCHANGE])
        if exchange is None:
            self._missing(self.folder / _EXCHANGE, "a spec needs this file")
        parts = SpecParts(str(self.folder), self._digest.hexdigest(), self._findings, exchange, products)
        present = {part.path for part in parts.parts()}
        self._kept = {path: kept for path, kept in self._kept.items() if path in present}
        return parts

    def _product(self, folder: Path) -> ProductParts:
        product = ProductParts(folder.name, str(folder))
        for entry in self._entries(folder):
            if entry.name in PRODUCT_FILES:
                product.files[entry.name] = self._part(entry, PRODUCT_FILES[entry.name])
            elif entry.is_dir():
                self._folder(product, entry)
            elif entry.suffix in _YAML:
                self._unexpected(entry, PRODUCT_FILES)
        if _PRODUCT not in product.files:
            self._missing(folder / _PRODUCT, "a product needs this file")
        return product

    def _folder(self, product: ProductParts, folder: Path) -> None:
        kind = FOLDER_FILES.get(folder.name)
        for entry in self._entries(folder):
            if entry.suffix not in _YAML:
                continue
            if kind is None or entry.suffix == ".yml" or entry.is_dir():
                self._unexpected(entry, [f"{entry.stem}.yaml"] if kind is not None else [])
            else:
                product.folders[folder.name].append(self._part(entry, kind))

    def _entries(self, folder: Path) -> list[Path]:
        try:
            return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = f"the folder cannot be read: {reason}"
            self._findings.add(Position(str(folder), 1, 1), Code.UNREADABLE_FILE, message)
            return []

    def _part(self, path: Path, entry: Entry[Content]) -> Part:
        printed = str(path)
        try:
            if not path.is_file():
                raise OSError(0, "it is not a regular file")
            data = path.read_bytes()
        except OSError as error:
            return unreadable(printed, path.stem, error)
        self._digest.update(path.relative_to(self.folder).as_posix().encode("utf-8", "surrogateescape") + b"\0")
        self._digest.update(len(data).to_bytes(8, "big") + data)
        kept = self._kept.get(printed)
        if kept is not None and kept[0] == data:
            return kept[1]
        part = bind_file(printed, path.stem, data, entry)
        self._kept[printed] = data, part
        return part

    def _missing(self, path: Path, message: str) -> None:
        self._findings.add(Position(str(path), 1, 1), Code.MISSING_FILE, message)

    def _unexpected(self, path: Path, expected: Iterable[str]) -> None:
        message = "no YAML file of this name has a meaning here"
        position = Position(str(path), 1, 1)
        self._findings.add(position, Code.UNKNOWN_FILE, message, wrong=path.name, candidates=expected)
