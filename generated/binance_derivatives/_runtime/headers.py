"""Response headers: looked up in any case, read from the wire's bytes only when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

__all__ = ["Headers"]

_Pairs: TypeAlias = Sequence[tuple[bytes, bytes]]


class Headers(Mapping[str, str]):
    """The headers of one reply; they do not change.

    `headers["Retry-After"]` and `headers["retry-after"]` are the same. Names are given back in lower case; what came
    more than once is joined with `, `.

    Args:
        source: Names and values as they came, or any mapping.
    """

    __slots__ = ("_pairs", "_read")

    _pairs: _Pairs
    _read: dict[str, str] | None

    def __init__(self, source: _Pairs | Mapping[str, str] = ()) -> None:
        if isinstance(source, Headers):
            self._pairs, self._read = source._pairs, source._read
        elif isinstance(source, Mapping):
            self._pairs, self._read = (), {name.lower(): value for name, value in source.items()}
        else:
            self._pairs, self._read = source, None

    def _values(self) -> dict[str, str]:
        read = self._read
        if read is None:
            read = {}
            for name, value in self._pairs:
                key, text = name.decode("latin-1").lower(), value.decode("latin-1")
                read[key] = f"{read[key]}, {text}" if key in read else text
            self._read = read
        return read

    def __getitem__(self, name: str) -> str:
        return self._values()[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._values() == Headers(other)._values()

    def __hash__(self) -> int:
        return hash(frozenset(self._values().items()))

    def __repr__(self) -> str:
        return f"Headers({self._values()!r})"

    def __reduce__(self) -> tuple[type[Headers], tuple[dict[str, str]]]:
        return Headers, (self._values(),)
