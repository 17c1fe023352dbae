"""Changes of streams and events, each alone."""

from __future__ import annotations

from ...spec.example_files import EVENTS, STREAMS
from .change import change

STREAM_WITHOUT = """
  all_tickers:
    summary: {en: The tickers of all symbols., zh: 全部行情。}
    pattern: "!ticker@arr"
    route: public
    payload: [Ticker]
    example: |
      [{"symbol": "BTCUSDT", "lastPrice": "1.5", "rate": -2}]
"""

STREAM_CHANGES = [
    change(
        "a new event",
        EVENTS,
        "",
        "  CONFIGURATION:\n    summary: {en: It changed., zh: 变更。}\n    route: private\n"
        '    payload: ListenKeyExpired\n    example: |\n      {"e": "CONFIGURATION", "listenKey": "k"}\n',
        "additive event events.CONFIGURATION added",
    ),
    change("a stream that is gone", STREAMS, STREAM_WITHOUT[1:], "", "breaking stream streams.all_tickers removed"),
    change(
        "another name of a stream on the wire",
        STREAMS,
        '"!ticker@arr"',
        '"!tickers"',
        "internal stream streams.all_tickers pattern",
    ),
    change(
        "parameters of a stream in another order",
        STREAMS,
        "<symbol>@depth<levels>[",
        "depth<levels>@<symbol>[",
        "breaking stream streams.diff_depth positional",
        "internal stream streams.diff_depth pattern",
    ),
    change(
        "another route",
        STREAMS,
        '!ticker@arr"\n    route: public',
        '!ticker@arr"\n    route: private',
        "internal stream streams.all_tickers route",
    ),
    change("another silence", STREAMS, "silence: 30s", "silence: 60s", "internal stream streams.diff_depth silence"),
]
