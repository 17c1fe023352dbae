"""Former Python names: they keep working for as long as the spec lists them, and say what the thing is called now."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from .values import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .operation import Param

__all__ = ["former_names", "renewed", "warn_of_former_name"]

_PACKAGE = __name__.rpartition(".")[0].rpartition(".")[0]


def warn_of_former_name(former: str, name: str) -> None:
    """Issues a DeprecationWarning at the line outside this package that uses the former name."""
    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(f"{_PACKAGE}."):
        frame = frame.f_back
        level += 1
    warnings.warn(f"`{former}` is called `{name}` now", DeprecationWarning, stacklevel=level)


def former_names(params: Iterable[Param]) -> dict[str, str]:
    """Former names of parameters → their names now."""
    return {former: param.python for param in params for former in param.former}


def renewed(arguments: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Arguments under the names that they have now.

    Args:
        arguments: By Python names, former ones among them; None stands for absent.
        names: Former name → name.

    Raises:
        Refused: An argument is given under two of its names.
    """
    found: dict[str, object] = {}
    former: list[str] = []
    for given, value in arguments.items():
        name = names.get(given, given)
        if name != given:
            if value is None:
                continue
            if found.get(name) is not None or arguments.get(name) is not None:
                raise Refused(f"is a former name of `{name}`, which is given too", given)
            former.append(given)
        elif value is None and name in found:
            continue
        found[name] = value
    for given in former:
        warn_of_former_name(given, names[given])
    return found
