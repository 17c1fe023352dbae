"""Log-on and log-off of a WebSocket API connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rejections import Rejection
from ..signatures import is_ed25519

if TYPE_CHECKING:
    from collections.abc import Mapping

    from . import Call, Handler, Session


def _session(call: Call) -> Session:
    if call.session is None:
        raise LookupError("a session belongs to a connection of the WebSocket API")
    return call.session


def logon(call: Call) -> object:
    """Makes the caller's key that of the connection; only Ed25519 keys may do so."""
    if not is_ed25519(call.account.public_key):
        raise Rejection(-4056)
    session = _session(call)
    session.api_key, session.authorized_ms = call.account.api_key, call.now_ms
    return status(call)


def status(call: Call) -> object:
    """What the connection has agreed on."""
    session = _session(call)
    return {
        "apiKey": session.api_key,
        "authorizedSince": session.authorized_ms,
        "connectedSince": session.connected_ms,
        "returnRateLimits": session.return_rate_limits,
        "serverTime": call.now_ms,
    }


def logout(call: Call) -> object:
    """Forgets the connection's key."""
    session = _session(call)
    session.api_key = session.authorized_ms = None
    return status(call)


HANDLERS: Mapping[str, Handler] = {"session_logon": logon, "session_status": status, "session_logout": logout}
