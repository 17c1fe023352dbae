"""Models: attrs classes whose fields know their wire names.

A generated model looks like this:

    @model
    class OrderBook(Model):
        last_update_id: int = wire("lastUpdateId")
        event_time: int = wire("E", timestamp)
        bids: list[PriceLevel] = wire("bids", [lazy(...)])

The second argument of `wire` is the field's wire type; `codec` builds the decoder from it, so annotations stay strings
that are never evaluated.
"""

from __future__ import annotations
