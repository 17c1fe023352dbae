"""Documents as text: JSON or YAML, with every digit of their decimals."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from .said import Json

__all__ = ["FORMATS", "as_json", "as_yaml"]


def as_json(document: Json) -> str:
    """Indented JSON; decimals are numbers with the digits that they have."""
    text = msgspec.json.Encoder(decimal_format="number").encode(document)
    return msgspec.json.format(text, indent=2).decode() + "\n"


class _Dumper(yaml.SafeDumper):
    """Writes everything in full: no anchors, which readers stumble over."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int", text)


_Dumper.add_representer(Decimal, _represent_decimal)


def as_yaml(document: Json) -> str:
    """YAML, in the order of the document."""
    stream = io.StringIO()
    yaml.dump(_with_text_keys(document), stream, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return stream.getvalue()


def _with_text_keys(data: Any) -> Any:
    """The same with text for keys, as JSON has it."""
    if isinstance(data, Mapping):
        return {str(name): _with_text_keys(value) for name, value in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [_with_text_keys(item) for item in data]
    return data


FORMATS: Final[Mapping[str, Callable[[Json], str]]] = {"json": as_json, "yaml": as_yaml}
