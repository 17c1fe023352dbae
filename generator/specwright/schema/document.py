"""The schema of all spec files in one document, made from the tables that files are read by.

What a file is follows from its top-level keys, so one schema serves every file: an editor needs one association, and
tells what is wrong with this kind of file, not that it is none of seven.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..spec.bind.files import EXCHANGE_FILE, FOLDER_FILES, PRODUCT_FILES
from ..spec.bind.json_schema import Definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..spec.bind.json_schema import JsonSchema
    from ..spec.bind.shape import Entry

__all__ = ["schema_document", "schema_text"]

_FILES: Final[Sequence[tuple[Entry[Any], Sequence[str]]]] = (
    (EXCHANGE_FILE, ("package", "credentials")),
    (PRODUCT_FILES["product.yaml"], ("product", "environments", "weight_budget")),
    *((entry, tuple(entry.keys)) for name, entry in PRODUCT_FILES.items() if name != "product.yaml"),
    *((entry, tuple(entry.keys)) for entry in FOLDER_FILES.values()),
)
"""Each kind of file, and the keys that tell it from the others."""


def schema_document() -> JsonSchema:
    """The schema, JSON Schema 2020-12."""
    definitions = Definitions()
    chosen: JsonSchema = _of_no_kind()
    for entry, telling in reversed(_FILES):
        is_such = {"anyOf": [{"required": [name]} for name in telling]}
        chosen = {"if": is_such, "then": entry.schema(definitions), "else": chosen}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a specwright spec",
        "type": ["object", "null"],
        **chosen,
        "$defs": dict(sorted(definitions.found.items())),
    }


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(schema_document(), ensure_ascii=False, indent=1) + "\n"


def _of_no_kind() -> JsonSchema:
    """A file that has none of the telling keys yet: an editor offers all of them, and nothing else is right."""
    offered: JsonSchema = {}
    for entry, telling in _FILES:
        offered |= {name: {"description": entry.keys[name].says} for name in telling}
    return {"properties": offered, "additionalProperties": False}
