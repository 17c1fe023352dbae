"""An OpenAPI document whose extensions say all that the dialect can."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specwright.importer.knowledge import Plain

__all__ = ["EXTENDED"]

EXTENDED: dict[str, Plain] = {
    "openapi": "3.1.0",
    "info": {"title": "Futures", "version": "1"},
    "x-exchange": {
        "package": "bourse",
        "summary": {"en": "A bourse.", "zh": "交易所。"},
        "credentials": {"api_key": "A", "api_secret": "B"},
        "budgets": {
            "weight": {"limit": 9, "interval": "1m", "scope": "ip", "summary": {"en": "W.", "zh": "权重。"}},
            "orders": {"limit": 9, "interval": "1m", "scope": "account", "summary": {"en": "O.", "zh": "下单。"}},
        },
    },
    "x-product": {
        "name": "futures",
        "product": {
            "title": "Futures",
            "client": "Futures",
            "summary": {"en": "F.", "zh": "合约。"},
            "documentation": "https://docs.bourse.example",
        },
        "environments": {"production": {"rest": "https://api.bourse.example", "streams": "wss://push.bourse.example"}},
        "routes": {"public": "/public"},
        "security": {"TRADE": {"api_key": True, "signed": True}},
        "api_key_header": "X-KEY",
        "recv_window": {"default": "5s", "maximum": "60s"},
        "weight_budget": "weight",
        "budgets": ["weight", "orders"],
        "groups": {"trade": {"en": "Trade.", "zh": "交易。"}},
        "errors": [{"code": -1, "name": "UNKNOWN", "summary": {"en": "Unknown.", "zh": "未知。"}}],
    },
    "paths": {
        "/v1/order": {
            "post": {
                "operationId": "new_order",
                "summary": "Places an order.",
                "x-summary-zh": "下单。",
                "externalDocs": {"url": "https://docs.bourse.example/trade/New"},
                "x-group": "trade",
                "x-security": "TRADE",
                "x-weight": {"by": "limit", "up_to": {"5": 1, "9": 2}, "above": 7},
                "x-costs": {"orders": 1},
                "x-retry": "never",
                "x-rules": [{"require": ["limit"], "when": {"side": "BUY"}}],
                "x-since": "2026-01-01",
                "x-ws": {"method": "order.place", "weight": 0},
                "parameters": [
                    {"name": "side", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/Side"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 5}},
                    {
                        "name": "price",
                        "in": "query",
                        "schema": {"type": "string", "x-wire-type": "decimal", "minimum": 0},
                        "x-unit": "quote asset",
                        "description": "Limit.",
                        "x-summary-zh": "限价。",
                    },
                    {
                        "name": "id",
                        "in": "query",
                        "schema": {"type": "string", "pattern": "^(?:[a-z]{1,36})$"},
                        "x-generated": "client_order_id",
                        "x-name": "order_id",
                        "x-case": "lower",
                    },
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {
                                        "oneOf": [{"$ref": "#/components/schemas/Order"}, {"type": "object"}],
                                        "x-result": True,
                                    },
                                },
                                "examples": {
                                    "one": {
                                        "x-title": "One",
                                        "value": [{"T": 1, "c": "", "k": [1, "0.5"], "n": Decimal("0.5")}],
                                    }
                                },
                            }
                        }
                    }
                },
            }
        }
    },
    "x-streams": {
        "order_stream": {
            "x-group": "market",
            "summary": {"en": "Orders.", "zh": "订单。"},
            "pattern": "<symbol>@order",
            "route": "public",
            "params": {"symbol": {"type": "string", "required": True}},
            "payload": "Order",
            "example": '{"T": 1, "k": [1, "0.5"], "n": 1}\n',
        }
    },
    "components": {
        "schemas": {
            "Side": {
                "x-kind": "enum",
                "type": "string",
                "enum": ["BUY", "SELL"],
                "x-values": {"BUY": {"en": "B.", "zh": "买。"}, "SELL": {"en": "S.", "zh": "卖。"}},
            },
            "Order": {
                "x-kind": "model",
                "x-module": "trading",
                "description": "An order.",
                "x-summary-zh": "订单。",
                "type": "object",
                "required": ["T", "k", "n"],
                "properties": {
                    "T": {"type": "integer", "x-wire-type": "timestamp", "x-name": "time"},
                    "c": {
                        "type": "string",
                        "x-wire-type": "decimal",
                        "x-name": "commission",
                        "x-blank": True,
                        "x-unit": "%",
                    },
                    "k": {"$ref": "#/components/schemas/Row", "x-name": "row"},
                    "n": {"type": "number", "x-name": "share"},
                    "key": {"type": "string", "x-secret": True},
                },
            },
            "Row": {
                "x-kind": "model",
                "x-module": "trading",
                "type": "array",
                "x-positional": ["open_time", "price"],
                "prefixItems": [
                    {"type": "integer", "x-wire-type": "timestamp"},
                    {"type": "string", "x-wire-type": "decimal"},
                ],
            },
        }
    },
}
