"""A listen key that the exchange calls expired, or refuses, is replaced at once, and no late answer revives it."""

from __future__ import annotations

import pytest

from .listen_key_care import Care


@pytest.mark.parametrize("named", [{"listenKey": "k1"}, {}])
def test_an_expired_key_is_replaced_at_once(named: dict[str, str]) -> None:
    care = Care().held()

    assert care.hear(**named)
    assert care.keeper.key is None
    assert care.until_asked() == "start"
    assert care.asked[-1][0] == care.asked[-2][0]
    assert care.keeper.answered("k2")


def test_the_expiry_of_a_key_that_was_replaced_means_nothing() -> None:
    care = Care().held()

    assert care.hear(listenKey="k0")
    assert care.keeper.key == "k1"


@pytest.mark.parametrize(
    "event",
    [
        {"event": "ORDER_TRADE_UPDATE", "o": {"c": "listenKeyExpired"}},
        {"event": "ORDER_TRADE_UPDATE", "listenKeyExpired": 1},
    ],
)
def test_an_order_of_the_same_name_is_no_expiry(event: dict[str, object]) -> None:
    care = Care().held()

    assert not care.hear(**event)  # type: ignore[arg-type]  # the event's name and its fields
    assert care.keeper.key == "k1"


def test_an_expiry_in_broken_utf_8_is_one() -> None:
    care = Care().held()

    assert care.keeper.hear(b'{"e":"listenKeyExpired","x":"\xff"}')
    assert care.keeper.key is None


def test_what_only_looks_like_an_expiry_is_none() -> None:
    care = Care().held()

    assert not care.keeper.hear(b'{"e":"listenKeyExpired"')
    assert not care.keeper.hear(b'["listenKeyExpired"]')
    assert not care.keeper.hear(b'{"e":"listenKeyExpired","x":' + b"[" * 100_000)
    assert not care.keeper.hear(b'{"e":"listenKeyExpired","y":"\xff","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}")
    assert care.keeper.key == "k1"


@pytest.mark.parametrize("named", [{"listenKey": "k1"}, {}])
def test_a_renewal_that_was_on_its_way_when_the_key_expired_does_not_revive_it(named: dict[str, str]) -> None:
    care = Care().held()
    assert care.until_asked() == "keepalive"
    care.hear(**named)

    assert not care.keeper.answered("k1")

    assert care.keeper.key is None
    assert care.until_asked() == "start"
    assert care.asked[-1][0] == care.asked[-2][0], "at once"


def test_a_key_that_expired_while_it_was_asked_for_is_not_used() -> None:
    care = Care().held()
    care.keeper.refuse()
    assert care.until_asked() == "start"
    care.hear(listenKey="k1")

    assert not care.keeper.answered("k1"), "the exchange answered before the key expired"

    assert care.until_asked() == "start"
    assert care.keeper.answered("k2")
    assert care.keeper.key == "k2"


def test_another_key_that_was_on_its_way_when_the_old_one_expired_is_used() -> None:
    care = Care().held()
    assert care.until_asked() == "keepalive"
    care.hear(listenKey="k1")

    assert care.keeper.answered("k2")
    assert care.keeper.key == "k2"


@pytest.mark.parametrize("named", [{"listenKey": "k1"}, {}])
def test_a_key_that_expired_and_is_given_again_needs_another_connection(named: dict[str, str]) -> None:
    care = Care().held()
    care.hear(**named)
    care.until_asked()

    assert care.keeper.answered("k1"), "the old connection was told that nothing more comes"
    care.until_asked()
    assert not care.keeper.answered("k1")


def test_a_key_that_was_refused_and_is_given_again_needs_no_other_connection() -> None:
    care = Care().held()
    care.keeper.refuse()

    assert care.until_asked() == "start"
    assert not care.keeper.answered("k1"), "the one that is being dialled will do"
