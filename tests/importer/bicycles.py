"""An OpenAPI document of somebody else: a bicycle exchange, with much that the dialect says and some that it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specwright.importer.knowledge import Plain

__all__ = ["BICYCLES"]

ORDER: dict[str, Plain] = {
    "type": "object",
    "required": ["orderId", "price", "t"],
    "description": "An order.",
    "properties": {
        "orderId": {"type": "integer", "format": "int64"},
        "price": {"$ref": "#/components/schemas/Price"},
        "status": {"$ref": "#/components/schemas/Status"},
        "t": {"type": "integer", "title": "trade time"},
        "when": {"type": "string", "format": "date-time", "nullable": True},
        "note": {"type": ["string", "null"]},
        "kind": {"type": "string", "enum": ["A", "B"]},
        "legs": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "number"}}}},
        "extra": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Order"}, {"type": "null"}]},
        "choice": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "pet": {"$ref": "#/components/schemas/Pet"},
        "row": {"type": "array", "prefixItems": [{"type": "integer", "title": "Open Time"}, {"type": "string"}]},
    },
}

BICYCLES: dict[str, Plain] = {
    "openapi": "3.1.0",
    "info": {"title": "Bicycle Exchange", "description": "Trades bicycles.", "version": "1.2"},
    "servers": [{"url": "https://api.bicycles.example/v1/"}, {"url": "/here"}],
    "tags": [{"name": "Market Data", "description": "What is on offer."}],
    "paths": {
        "/orders": {
            "parameters": [{"name": "symbol", "in": "query", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "listOrders",
                "tags": ["Market Data"],
                "summary": "All orders.",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "description": "How many.",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 500},
                    },
                    {"name": "side", "in": "query", "schema": {"type": "string", "enum": ["BUY", "SELL"]}},
                    {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/Status"}},
                    {
                        "name": "code",
                        "in": "query",
                        "schema": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 9},
                    },
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
                                "example": [{"orderId": 1, "price": "1.0", "t": 5}],
                            }
                        }
                    }
                },
            },
            "post": {
                "operationId": "placeOrder",
                "tags": ["Market Data", "trade"],
                "description": "Places an order. It may be large.",
                "deprecated": True,
                "security": [{"Key": []}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["items"],
                                "properties": {
                                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/NewItem"}}
                                },
                            }
                        }
                    }
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
                },
            },
            "patch": {"responses": {}},
        },
        "/orders/{id}": {"get": {"responses": {"200": {"description": "one"}}}},
        "/ping": {"get": {"responses": {"204": {"description": "nothing"}}, "callbacks": {}}},
    },
    "webhooks": {},
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-KEY"}, "Login": {"type": "oauth2"}},
        "schemas": {
            "Order": ORDER,
            "Status": {"type": "string", "enum": ["NEW", "FILLED"], "description": "Stage."},
            "Price": {"type": "string", "format": "decimal"},
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {
                    "propertyName": "petType",
                    "mapping": {"cat": "Cat", "dog": "#/components/schemas/Dog"},
                },
            },
            "Animal": {"type": "object", "required": ["petType"], "properties": {"petType": {"type": "string"}}},
            "Cat": {"allOf": [{"$ref": "#/components/schemas/Animal"}, {"properties": {"lives": {"type": "integer"}}}]},
            "Dog": {
                "allOf": [
                    {"$ref": "#/components/schemas/Animal"},
                    {"required": ["bark"], "properties": {"bark": {"type": "boolean"}}},
                ]
            },
            "NewItem": {
                "type": "object",
                "required": ["price"],
                "properties": {"price": {"$ref": "#/components/schemas/Price"}},
            },
        },
    },
}
