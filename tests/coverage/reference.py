"""The exchange's API as facts, kept apart from the spec: what the coverage is measured against when it is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("API_REFERENCE", ROOT.parent / "shared" / "reference"))

Facts = dict[str, Any]


class Entry(NamedTuple):
    """One thing that the reference describes."""

    transport: str
    key: str
    """`GET /fapi/v1/depth`, the WebSocket API method, the stream pattern, or the event's name."""
    id: str
    facts: Facts
    fields: Facts
    """Path → {type, name, …} of the reply or payload."""


def at_hand(product: str) -> bool:
    """Whether the reference of a product is here to compare with."""
    return (FOLDER / product / "rest.json").is_file()


def entries(product: str) -> list[Entry]:
    """Everything that the reference describes of a product."""
    fields = _read(product, "fields.json")
    rest = [
        Entry("rest", f"{e['method']} {e['path']}", e["id"], e, fields["rest"][e["id"]]["fields"])
        for e in _read(product, "rest.json")
    ]
    ws = [
        Entry("ws_api", e["method"], e["id"], e, fields["ws_api"][e["method"]]["fields"])
        for e in _read(product, "ws_api.json")
    ]
    streams = [Entry("stream", e["pattern"], e["id"], e, e["fields"]) for e in _read(product, "streams.json")]
    events = [Entry("event", e["event"], e["event"], e, e["fields"]) for e in _read(product, "user_events.json")]
    return rest + ws + streams + events


def error_codes(product: str) -> dict[int, str]:
    """Documented error codes with their names."""
    return {e["code"]: e["name"] for e in _read(product, "definitions.json")["error_codes"]}


def _read(product: str, name: str) -> Any:
    return json.loads((FOLDER / product / name).read_text(encoding="utf-8"))
