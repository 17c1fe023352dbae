"""The documented errors of the exchange."""

from __future__ import annotations

from specwright.runtime.errors import (
    AuthenticationError,
    Banned,
    ClockError,
    RateLimited,
    RequestRejected,
    ServerError,
)
from specwright.runtime.product import ErrorCode, HttpError


class Unknown(ServerError): ...


class Disconnected(ServerError): ...


class TooManyRequests(RateLimited): ...


class Timeout(ServerError): ...


class RequestThrottled(ServerError): ...


class TooManyOrders(RateLimited): ...


class InvalidTimestamp(ClockError): ...


class InvalidSignature(AuthenticationError): ...


class NoSuchOrder(RequestRejected): ...


class InsufficientMargin(RequestRejected): ...


class FirewallLimit(RateLimited): ...


class BackendTimeout(ServerError): ...


class IpBanned(Banned): ...


class ExecutionStatusUnknown(ServerError): ...


class ServiceUnavailable(ServerError): ...


class InternalError(ServerError): ...


ERRORS = {
    -1000: ErrorCode(-1000, "UNKNOWN", "Unknown", "server", "unknown"),
    -1001: ErrorCode(-1001, "DISCONNECTED", "Disconnected", "server", "not_executed"),
    -1003: ErrorCode(-1003, "TOO_MANY_REQUESTS", "TooManyRequests", "limit", "not_executed"),
    -1007: ErrorCode(-1007, "TIMEOUT", "Timeout", "server", "unknown"),
    -1008: ErrorCode(-1008, "REQUEST_THROTTLED", "RequestThrottled", "server", "not_executed"),
    -1015: ErrorCode(-1015, "TOO_MANY_ORDERS", "TooManyOrders", "limit", "not_executed"),
    -1021: ErrorCode(-1021, "INVALID_TIMESTAMP", "InvalidTimestamp", "clock", "rejected"),
    -1022: ErrorCode(-1022, "INVALID_SIGNATURE", "InvalidSignature", "authentication", "rejected"),
    -2013: ErrorCode(-2013, "NO_SUCH_ORDER", "NoSuchOrder", "rejected", "rejected"),
    -2019: ErrorCode(-2019, "MARGIN_NOT_SUFFICIENT", "InsufficientMargin", "rejected", "rejected"),
}

HTTP_ERRORS = (
    HttpError(403, None, "FIREWALL_LIMIT", "FirewallLimit", "limit", "not_executed"),
    HttpError(408, None, "BACKEND_TIMEOUT", "BackendTimeout", "server", "unknown"),
    HttpError(418, None, "IP_BANNED", "IpBanned", "ban", "not_executed"),
    HttpError(
        503,
        "Unknown error, please check your request or try again later.",
        "EXECUTION_STATUS_UNKNOWN",
        "ExecutionStatusUnknown",
        "server",
        "unknown",
    ),
    HttpError(503, "Service Unavailable.", "SERVICE_UNAVAILABLE", "ServiceUnavailable", "server", "not_executed"),
    HttpError(503, "Internal error", "INTERNAL_ERROR", "InternalError", "server", "not_executed"),
)
