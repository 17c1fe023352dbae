"""Listen keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from . import Call, Handler


def start(call: Call) -> object:
    """The account's key, made or extended."""
    return {"listenKey": call.exchange.listen_keys.start(call.account)}


def keep_alive(call: Call) -> object:
    """The account's key, extended; refused when there is none."""
    return {"listenKey": call.exchange.listen_keys.keep_alive(call.account)}


def close(call: Call) -> object:
    """Ends the account's key."""
    call.exchange.listen_keys.close(call.account)
    return {}


HANDLERS: Mapping[str, Handler] = {
    "start_user_data_stream": start,
    "keepalive_user_data_stream": keep_alive,
    "close_user_data_stream": close,
}
