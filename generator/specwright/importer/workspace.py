"""The spec while pages are imported into it: what is new, what is added, where page and spec disagree."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attrs import define, field

from ..spec.names import snake_case
from .compare import compare
from .comparison import Addition
from .content import content_of, model_content
from .draft import draft_of, known_entry
from .editing import append_entry, set_value
from .inference import Inference, Sample
from .knowledge import EntryFacts, FieldFacts, ModelFacts, UnusableSpec
from .naming import TODO, needs_name
from .places import PlaceUnknown, entry_file, model_file

if TYPE_CHECKING:
    from .comparison import Comparison, Difference, KeyPath
    from .draft import Draft
    from .inference import ModelDraft
    from .knowledge import Knowledge, Plain
    from .page.entry import PageEntry

__all__ = ["Outcome", "PlaceUnknown", "Workspace"]


@define
class Outcome:
    """What came of one page's entry."""

    draft: Draft
    file: Path | None
    is_new: bool
    differences: list[Difference] = field(factory=list)
    notes: list[str] = field(factory=list)


@define
class _NewEntry:
    file: Path | None
    section: str
    name: str
    content: dict[str, Plain]


@define
class Workspace:
    """Takes pages one after the other; nothing is written before `write`."""

    knowledge: Knowledge
    merging: bool
    """Whether the spec's entries are added to; otherwise each page's entry is made anew."""
    prefer: Literal["spec", "page"] = "spec"
    """Whose word counts where both have one."""
    group: str | None = None
    """The file that new entries go into, instead of the one that the page's address tells."""
    new: list[_NewEntry] = field(factory=list)
    edits: dict[Path, list[tuple[KeyPath, Plain]]] = field(factory=dict)
    _known: list[EntryFacts] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._known = list(self.knowledge.entries) if self.merging else []

    def take(self, page: PageEntry) -> Outcome:
        """Imports one page's entry.

        Raises:
            PlaceUnknown: The file for a new entry cannot be told, and entries are to be written.
        """
        draft = draft_of(page, self.knowledge, self._taken())
        entry = self._match(draft)
        if entry is None:
            return self._add(draft)
        comparison = compare(draft, entry, self.knowledge)
        # A model is only added when something names it.
        for addition in comparison.additions:
            self._set(entry, addition)
        if self.prefer == "page":
            for difference in comparison.differences:
                if difference.path is not None:
                    self._set(entry, Addition(difference.path, difference.page))
        self._add_models(draft, entry, comparison)
        outcome = Outcome(draft, entry.file, is_new=False, differences=comparison.differences)
        outcome.notes = self._add_lacking(comparison)
        return outcome

    def _match(self, draft: Draft) -> EntryFacts | None:
        """The entry that a draft is merged into: the same request, or the same operation on the other carrier."""
        known = known_entry(draft.page, self.knowledge)
        if known is not None:
            return next((entry for entry in self._known if entry is known), None) or next(
                (entry for entry in self._known if (entry.section, entry.id) == (known.section, known.id)), None
            )
        for entry in self._known:
            if (entry.section, entry.id) != (draft.section, draft.id):
                continue
            if draft.carrier is not None and draft.carrier not in entry.content:
                return entry
            draft.id = f"{TODO}_{draft.id}"
        return None

    def _taken(self) -> set[str]:
        return {*self.knowledge.models, *self.knowledge.enums}

    # --- New entries -------------------------------------------------------------------------------------------------

    def _add(self, draft: Draft) -> Outcome:
        try:
            file = entry_file(draft, self.knowledge, self.group)
        except PlaceUnknown:
            if self.merging:
                raise
            file = None
        content = content_of(draft)
        self.new.append(_NewEntry(file, draft.section, draft.id, content))
        known = known_entry(draft.page, self.knowledge)
        entry = EntryFacts(draft.id, draft.section, file or Path(), content)
        self._known.append(entry)
        if known is None:
            self.knowledge.entries.append(entry)
        for model in draft.models.values():
            self._add_model(model, model_file(draft, file, self.knowledge))
        outcome = Outcome(draft, file, is_new=True)
        if known is not None:
            outcome.differences, outcome.notes = self._against_spec(draft, known)
        return outcome

    def _against_spec(self, draft: Draft, known: EntryFacts) -> tuple[list[Difference], list[str]]:
        """What importing the page into the spec's own entry would do, as it is only looked at."""
        comparison = compare(draft, known, self.knowledge)
        notes = [f"the spec does not have {'.'.join(addition.path)}" for addition in comparison.additions]
        notes += [f"the reply has {misfit.wire}, which {misfit.model} has not" for misfit in comparison.lacking]
        return comparison.differences, notes

    def _add_models(self, draft: Draft, entry: EntryFacts, comparison: Comparison) -> None:
        named = repr([addition.value for addition in comparison.additions])
        for model in draft.models.values():
            if f"'{model.name}'" in named:
                self._add_model(model, model_file(draft, entry.file, self.knowledge))

    def _add_model(self, model: ModelDraft, file: Path | None) -> None:
        self.new.append(_NewEntry(file, "models", model.name, model_content(model)))
        module = file.stem if file is not None else ""
        fields: dict[str, FieldFacts] = {each.wire: each for each in model.fields}
        self.knowledge.models[model.name] = ModelFacts(model.name, module, is_array=model.is_array, fields=fields)

    # --- Known entries -----------------------------------------------------------------------------------------------

    def _set(self, entry: EntryFacts, addition: Addition) -> None:
        """Changes an entry, in memory and in its file."""
        fresh = next((new for new in self.new if new.content is entry.content), None)
        if fresh is None:
            path = (entry.section, entry.id, *addition.path)
            self.edits.setdefault(entry.file, []).append((path, copy.deepcopy(addition.value)))
        _put(entry.content, addition.path, copy.deepcopy(addition.value))

    def _add_lacking(self, comparison: Comparison) -> list[str]:
        """Adds fields that the page's example has and a model of the spec has not; optional, as other replies prove."""
        notes: list[str] = []
        for misfit in comparison.lacking:
            model = self.knowledge.models.get(misfit.model or "")
            if model is None or misfit.wire is None or not self.merging:
                notes.append(f"the reply has {misfit.wire}, which {misfit.model} has not")
                continue
            inference = Inference(self.knowledge, {}, self._taken())
            each = inference.field(misfit.wire, [Sample(misfit.value, ())])
            entry: dict[str, Plain] = {}
            if needs_name(misfit.wire):
                entry["name"] = each.name or TODO
            elif snake_case(misfit.wire) in {known.name or snake_case(wire) for wire, known in model.fields.items()}:
                entry["name"] = TODO  # Two wire names that differ in case only cannot share a Python name.
            entry |= {"type": each.type, "optional": True}
            if each.nullable:
                entry["nullable"] = True
            model.fields[misfit.wire] = FieldFacts(misfit.wire, each.type, each.name, optional=True)
            path = ("models", model.name, "fields", misfit.wire)
            folder = self.knowledge.folder
            fresh = next((new for new in self.new if (new.section, new.name) == ("models", model.name)), None)
            if fresh is not None:
                _put(fresh.content, ("fields", misfit.wire), entry)
            elif folder is not None:
                self.edits.setdefault(folder / "models" / f"{model.module}.yaml", []).append((path, entry))
            for new in inference.models.values():
                self._add_model(new, folder / "models" / f"{model.module}.yaml" if folder is not None else None)
            notes.append(f"the field {misfit.wire} is added to {model.name}, as optional")
        return notes

    # --- Output ------------------------------------------------------------------------------------------------------

    def texts(self) -> dict[Path, str]:
        """The files that change, with their new text.

        Raises:
            UnusableSpec: A file cannot be edited; the message says which and why.
        """
        texts: dict[Path, str] = {}
        for file, edits in self.edits.items():
            text = file.read_text(encoding="utf-8")
            for path, value in edits:
                try:
                    text = set_value(text, path, value)
                except UnusableSpec as error:
                    raise UnusableSpec(f"{file}: {error}") from error
            texts[file] = text
        for entry in self.new:
            if entry.file is None:
                continue
            known = texts.get(entry.file)
            if known is None:
                known = entry.file.read_text(encoding="utf-8") if entry.file.is_file() else ""
            try:
                texts[entry.file] = append_entry(known, entry.section, entry.name, entry.content)
            except UnusableSpec as error:
                raise UnusableSpec(f"{entry.file}: {error}") from error
        return texts

    def fresh_texts(self) -> dict[str, str]:
        """New entries alone, by the name of the file that they would go into."""
        texts: dict[str, str] = {}
        for entry in self.new:
            name = str(entry.file) if entry.file is not None else f"{entry.section}/{TODO}.yaml"
            texts[name] = append_entry(texts.get(name, ""), entry.section, entry.name, entry.content)
        return texts


def _put(content: dict[str, Plain], path: KeyPath, value: Plain) -> None:
    step, rest = path[0], path[1:]
    if not rest:
        content[step] = value
        return
    child = content.get(step)
    if rest == ("-",):
        content[step] = [*(child if isinstance(child, list) else []), value]
        return
    if not isinstance(child, dict):
        child = {"type": child} if isinstance(child, str) and child != TODO else {}
        content[step] = child
    _put(child, rest, value)
