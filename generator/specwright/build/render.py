"""Planned files become text: templates hold layout, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from .compiled import CompiledTemplates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .plan import PlannedFile

__all__ = ["Renderer", "TemplateFailed"]

_TEMPLATES = Path(__file__).parent / "templates"


class TemplateFailed(Exception):
    """A template cannot be rendered: it is malformed, or asks for what the view does not have."""


class Renderer:
    """Renders planned files with the built-in templates, or with a user's where they have the same name.

    Args:
        overrides: A folder whose templates are taken before the built-in ones.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        self._overrides = overrides
        folders: Iterable[Path] = [_TEMPLATES] if overrides is None else [overrides, _TEMPLATES]
        loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in folders]
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=CompiledTemplates(_TEMPLATES),
        )

    def overriding(self) -> Mapping[str, bytes]:
        """The user's templates as they are now: name → content."""
        if self._overrides is None:
            return {}
        return {
            path.relative_to(self._overrides).as_posix(): path.read_bytes()
            for path in self._overrides.rglob("*")
            if path.is_file()
        }

    def render(self, planned: PlannedFile) -> str:
        """The text of a file.

        Raises:
            TemplateFailed: A template of the user's is wrong.
        """
        try:
            return self._environment.get_template(planned.template).render(view=planned.view)
        except TemplateSyntaxError as error:
            raise TemplateFailed(f"{error.filename}:{error.lineno}: {error.message}") from error
        except TemplateError as error:
            raise TemplateFailed(f"{planned.template}, rendering {planned.path}: {error}") from error
