"""An OpenAPI document: reading it, following its references, and noting what the dialect cannot say."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from ...spec.findings import Findings
from ...spec.load import decode, load_nodes
from ..knowledge import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..knowledge import Plain

__all__ = ["Document", "Unsaid", "UnusableDocument", "mapping", "read_document", "sequence", "text", "words_of"]

_MAXIMUM_BYTES: Final = 50_000_000
_MAXIMUM_REFERENCES: Final = 32


class UnusableDocument(Exception):
    """A file that is no OpenAPI 3 document; the message says why."""


@define(frozen=True)
class Unsaid:
    """Something in the document that the dialect has no words for."""

    pointer: str
    """Where it stands: a JSON pointer."""
    message: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}"


@define
class Document:
    """The document's content, and what was found in it that cannot be said."""

    root: dict[str, Plain]
    unsaid: dict[Unsaid, None] = field(factory=dict)

    def note(self, pointer: str, message: str) -> None:
        """Notes something that the dialect cannot say, each once."""
        self.unsaid[Unsaid(pointer, message)] = None

    def note_rest(self, thing: Mapping[str, Plain], pointer: str, known: Iterable[str]) -> None:
        """Notes the keys of an object that nobody has read; extensions of others are named too."""
        read = set(known)
        for key in thing:
            if key not in read:
                self.note(f"{pointer}/{escaped(key)}", "has no place in the dialect")

    def resolve(self, thing: Plain, pointer: str) -> tuple[dict[str, Plain], str | None]:
        """The object that a reference leads to, and the reference (None where there is none).

        A reference to another file, or to nothing, is noted and gives an empty object.
        """
        reference: str | None = None
        for _ in range(_MAXIMUM_REFERENCES):
            content = mapping(thing)
            target = text(content.get("$ref"))
            if target is None:
                return content, reference
            reference = target
            thing = self._find(target)
            if thing is None:
                self.note(pointer, f"the reference {target} leads nowhere")
                return {}, reference
        self.note(pointer, f"the reference {reference} leads to itself")
        return {}, reference

    def _find(self, reference: str) -> Plain:
        if not reference.startswith("#/"):
            return None
        found: Plain = self.root
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = mapping(found).get(name)
        return found


def read_document(path: Path) -> Document:
    """Reads a document from JSON or YAML.

    Raises:
        UnusableDocument: The file cannot be read, or is not OpenAPI 3.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableDocument(f"{path}: {error.strerror or type(error).__name__}") from error
    if len(data) > _MAXIMUM_BYTES:
        raise UnusableDocument(f"{path}: it has {len(data):,} bytes, of at most {_MAXIMUM_BYTES:,}")
    content = _json(data) if data.lstrip()[:1] in (b"{", b"[") else None
    if content is None:
        findings = Findings()
        source = decode(str(path), data, findings)
        node = load_nodes(source, findings) if source is not None else None
        if node is None:
            reason = str(next(iter(findings), "the file is empty"))
            raise UnusableDocument(f"{path}: {reason.removeprefix(f'{path}:')}")
        content = to_plain(node)
    root = mapping(content)
    version = str(root.get("openapi", ""))
    if not version.startswith("3."):
        said = f"openapi {version}" if version else "no 'openapi: 3.…'"
        raise UnusableDocument(f"{path}: it is not an OpenAPI 3 document ({said})")
    return Document(root)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None  # It may be YAML in flow style; if not, its reader says where it ends.


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def mapping(value: Plain) -> dict[str, Plain]:
    """An object; empty where something else stands."""
    return value if isinstance(value, dict) else {}


def sequence(value: Plain) -> list[Plain]:
    """A list; empty where something else stands."""
    return value if isinstance(value, list) else []


def text(value: Plain) -> str | None:
    """A text; None where something else stands, or nothing."""
    return value if isinstance(value, str) and value.strip() else None


def words_of(value: Plain) -> str | None:
    """A text in one line."""
    said = text(value)
    return " ".join(said.split()) if said is not None else None
