"""Parameters of a request after they were checked: typed values by their wire names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Arguments:
    """What a request says, with what the exchange assumes where it says nothing.

    Args:
        values: Checked values of the parameters that were sent: str, int, Decimal, bool, or a list or dict of JSON.
        defaults: What holds for parameters that were not sent.
    """

    def __init__(self, values: Mapping[str, object], defaults: Mapping[str, object] | None = None) -> None:
        self.values = dict(values)
        self._defaults = dict(defaults or {})

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was sent at all."""
        return name in self.values

    def get(self, name: str) -> object:
        """The value, or its default, or None."""
        return self.values.get(name, self._defaults.get(name))

    def text(self, name: str, default: str | None = None) -> str:
        """A string or an enum's value.

        Raises:
            KeyError: It was not sent, and there is no default: the spec should have made it mandatory.
        """
        value = self.get(name)
        if value is not None:
            return str(value)
        if default is None:
            raise KeyError(name)
        return default

    def optional_text(self, name: str) -> str | None:
        """A string, or None when it was not sent."""
        value = self.get(name)
        return None if value is None else str(value)

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer.

        Raises:
            KeyError: It was not sent, and there is no default.
        """
        value = self.optional_integer(name)
        if value is not None:
            return value
        if default is None:
            raise KeyError(name)
        return default

    def optional_integer(self, name: str) -> int | None:
        """An integer, or None when it was not sent."""
        value = self.get(name)
        return int(value) if isinstance(value, int | str | Decimal) else None

    def number(self, name: str) -> Decimal:
        """A decimal number.

        Raises:
            KeyError: It was not sent.
        """
        value = self.optional_number(name)
        if value is None:
            raise KeyError(name)
        return value

    def optional_number(self, name: str) -> Decimal | None:
        """A decimal number, or None when it was not sent."""
        value = self.get(name)
        return Decimal(value) if isinstance(value, int | str | Decimal) else None

    def flag(self, name: str) -> bool:
        """A boolean; false when it was not sent and nothing else is assumed."""
        return str(self.get(name)).lower() == "true"

    def items(self, name: str) -> list[object]:
        """A list; empty when it was not sent."""
        value = self.get(name)
        return list(value) if isinstance(value, list) else []
