"""What is missing is installed by an extra of the distribution, where the code is part of one that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from binance_derivatives._runtime import extras as generated
from specwright.runtime import extras as without_distribution

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("how_to_install", "extra", "command"),
    [
        (generated.how_to_install, "order-book", "pip install 'binance-derivatives[order-book]'"),
        (generated.how_to_install, "no-such-extra", "pip install sortedcontainers"),
        (without_distribution.how_to_install, "order-book", "pip install sortedcontainers"),
    ],
    ids=["an extra of the distribution", "an extra that it does not have", "no distribution of that name"],
)
def test_how_a_missing_package_is_installed(
    how_to_install: Callable[[str, str], str], extra: str, command: str
) -> None:
    assert how_to_install("sortedcontainers", extra) == command
