"""Which file of a spec an entry belongs into."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ..spec.names import snake_case

if TYPE_CHECKING:
    from pathlib import Path

    from .draft import Draft
    from .knowledge import Knowledge

__all__ = ["PlaceUnknown", "entry_file", "model_file"]

_FOLDERS: Final = {"operations": "operations", "streams": "streams", "events": "streams"}
_USUAL_FILES: Final = {"streams": "market", "events": "user_data"}


class PlaceUnknown(Exception):
    """Neither the page's address nor the spec tells the file; the message says what to do."""


def entry_file(draft: Draft, knowledge: Knowledge, group: str | None) -> Path:
    """The file for a new entry: the one that is asked for, that of its group, or that of its kind.

    Raises:
        PlaceUnknown: None of these is known.
    """
    if knowledge.folder is None:
        raise PlaceUnknown("no product of the spec has this documentation; say which with --product")
    folder = knowledge.folder / _FOLDERS[draft.section]
    if group is not None:
        return folder / f"{group}.yaml"
    if draft.section == "operations":
        for part in (draft.documentation or "").split("/"):
            if snake_case(part) in knowledge.groups:
                return folder / f"{snake_case(part)}.yaml"
        listed = ", ".join(knowledge.groups) or "none"
        raise PlaceUnknown(f"the page's address names no group of the product ({listed}); say which with --group")
    files = {entry.file for entry in knowledge.entries_of(draft.section)}
    if len(files) == 1:
        return files.pop()
    return folder / f"{_USUAL_FILES[draft.section]}.yaml"


def model_file(draft: Draft, file: Path | None, knowledge: Knowledge) -> Path | None:
    """The file for the models of an entry: where those of its neighbours stand."""
    if file is None or knowledge.folder is None:
        return None
    if draft.section == "operations":
        return knowledge.folder / "models" / file.name
    modules: Counter[str] = Counter()
    for entry in knowledge.entries_of(draft.section):
        payload = entry.content.get("payload")
        name = payload[0] if isinstance(payload, list) and payload else payload
        model = knowledge.models.get(str(name))
        if model is not None and model.module:
            modules[model.module] += 1
    usual = f"{file.stem}_streams" if draft.section == "streams" else file.stem
    module = modules.most_common(1)[0][0] if modules else usual
    return knowledge.folder / "models" / f"{module}.yaml"
