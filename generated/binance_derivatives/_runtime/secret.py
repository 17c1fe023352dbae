"""What keeps key material out of logs, reprs, tracebacks and pickles."""

from __future__ import annotations

import hmac
from typing import Any, NoReturn

import msgspec

__all__ = ["Discreet", "Secret", "Unpicklable"]


class Unpicklable:
    """What holds a secret somewhere inside, and so refuses to be pickled."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} is not pickled, for it holds secrets: make one in the process that needs it"
        )


class Discreet(msgspec.Struct):
    """What holds keys among other things, and shows none of it to who prints variables, prettily (rich) or not."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Secret(Unpicklable):
    """Key material; only `reveal` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes) -> None:
        self._value = value.encode() if isinstance(value, str) else bytes(value)

    def reveal(self) -> bytes:
        """The material itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)
