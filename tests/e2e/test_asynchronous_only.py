"""What only the asynchronous client has, the synchronous one points to."""

from __future__ import annotations

from functools import cached_property

import pytest

from binance_derivatives import UsdsFutures


class Desk(UsdsFutures):
    """A client with more to it, and a mistake in that."""

    @cached_property
    def pending(self) -> object:
        """Fails inside."""
        raise AttributeError("the mistake")


@pytest.mark.parametrize("kind", [UsdsFutures, Desk])
@pytest.mark.parametrize("name", ["streams", "user_data", "order_book", "ws_api", "aclose"])
def test_what_only_the_asynchronous_client_has_is_pointed_to(kind: type[UsdsFutures], name: str) -> None:
    with kind() as client:
        with pytest.raises(AttributeError) as refused:
            getattr(client, name)

        assert str(refused.value) == f"{kind.__name__!r} object has no attribute {name!r}: AsyncUsdsFutures has it"
        assert not hasattr(client, name)


@pytest.mark.parametrize("name", ["stream", "_websockets", "__length_hint__"])
def test_what_nobody_has_is_missed_as_ever(name: str) -> None:
    with UsdsFutures() as client, pytest.raises(AttributeError) as refused:
        getattr(client, name)

    assert str(refused.value) == f"'UsdsFutures' object has no attribute {name!r}"


def test_an_attribute_that_fails_inside_says_what_failed() -> None:
    with Desk() as client, pytest.raises(AttributeError, match=r"^the mistake$"):
        _ = client.pending
