"""Builds the package again and again, and only what has changed: the rest is what it was the time before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, evolve, field

from .keeping import keep_unchanged
from .memory import Memory
from .plan import PlannedFile, plan_files
from .render import Renderer
from .tree import runtime_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ..spec.dialect.exchange import Spec

__all__ = ["IncrementalBuild"]


@define(eq=False)
class IncrementalBuild:
    """Gives what `build_tree` gives, each time for the spec and the templates as they are then.

    Specs that share the objects of unchanged files, as those of a `SpecReader` do, are compared quickly.

    Args:
        templates: A folder whose templates replace the built-in ones of the same name.
    """

    templates: Path | None = None
    _spec: Spec | None = field(default=None, init=False)
    _memories: dict[str, Memory] = field(factory=dict, init=False)
    """By product; what all products share is under its own paths."""
    _renderer: Renderer = field(init=False)
    _overriding: Mapping[str, bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._renderer = Renderer(self.templates)
        self._overriding = self._renderer.overriding()

    def build(
        self, spec: Spec, *, only: str | None = None, progress: Callable[[PlannedFile], None] | None = None
    ) -> Mapping[str, bytes]:
        """Every file of the generated package: path below the package → content. Nothing is written.

        Args:
            spec: A spec without findings. What it has in common with the one before is replaced with that one's.
            only: Name of a product; the others' files are not built.
            progress: Called with every planned file that is made anew.

        Raises:
            TemplateFailed: A template of the user's is wrong.
        """
        self._look_at_templates()
        if self._spec is not None:
            keep_unchanged(self._spec, spec)
        self._spec = spec
        memories = {name: self._memories.get(name) or Memory() for name in spec.products}
        products = {name: memories[name].turn_to(product) for name, product in spec.products.items()}
        tree: dict[str, bytes] = {"py.typed": b"", **runtime_files()}
        for planned in plan_files(evolve(spec, products=products), only, memories):
            place = planned.path.split("/", 1)[0]
            memory = memories.get(place) or memories.setdefault(place, self._memories.get(place) or Memory())
            tree[planned.path] = memory.recall(planned.path, planned.given, self._rendering(planned, progress))
        self._memories = memories
        return dict(sorted(tree.items()))

    def _rendering(self, planned: PlannedFile, progress: Callable[[PlannedFile], None] | None) -> Callable[[], bytes]:
        def render() -> bytes:
            if progress is not None:
                progress(planned)
            return self._renderer.render(planned).encode()

        return render

    def _look_at_templates(self) -> None:
        """Forgets what was rendered when the user's templates are not what they were."""
        texts = self._renderer.overriding()
        if texts != self._overriding:
            self._overriding = texts
            self._renderer = Renderer(self.templates)
            self._memories = {}
