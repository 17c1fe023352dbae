"""Planned files become text: templates hold layout, nothing else."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)

from ..spec.findings import nearest
from .compiled import CompiledTemplates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .plan import PlannedFile

__all__ = ["Renderer", "TemplateFailed", "misnamed_templates"]

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
        view = planned.view
        try:
            return self._environment.get_template(planned.template).render(view=view)
        except TemplateSyntaxError as error:
            raise TemplateFailed(f"{error.filename}:{error.lineno}: {error.message}") from error
        except TemplateNotFound as error:
            raise TemplateFailed(f"{planned.template}: there is no template {error.message!r}") from error
        except UnicodeDecodeError as error:
            raise TemplateFailed(f"{planned.template}: not UTF-8 text") from error
        except Exception as error:  # An expression in a template can raise whatever Python can.
            raise TemplateFailed(f"{_place(error, planned.template)}: {error} (in {planned.path})") from error


def misnamed_templates(folder: Path) -> dict[str, str | None]:
    """The user's templates that replace nothing and that no other one includes → the built-in one that may be meant."""
    built_in = {path.name.split(".")[0]: path.name for path in _TEMPLATES.glob("*.jinja")}
    texts = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.jinja"))
        if path.is_file()
    }
    return {
        name: built_in.get(nearest(name.split(".")[0], built_in) or "")
        for name in texts
        if name not in built_in.values() and not any(name.encode() in text for text in texts.values())
    }


def _place(error: Exception, template: str) -> str:
    """Path and line of the template that an error comes from, as far as Python knows it."""
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else template
