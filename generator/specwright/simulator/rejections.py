"""What the exchange says when it refuses: its codes and the text that goes with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES: Mapping[int, str] = {
    -1003: "Too many requests; current limit of IP({}) is {} requests per minute. "
    "Please use the websocket for live updates to avoid polling the API.",
    -1013: "Invalid message.",
    -1015: "Too many new orders; current limit is {} orders per {}.",
    -1020: "This operation is not supported.",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1023: "Start time is greater than end time.",
    -1100: "Illegal characters found in parameter '{}'; legal range is '{}'.",
    -1101: "Duplicate values for parameter '{}' detected.",
    -1102: "Mandatory parameter '{}' was not sent, was empty/null, or malformed.",
    -1104: "Not all sent parameters were read; read '{}' parameter(s) but was sent '{}'.",
    -1105: "Parameter '{}' was empty.",
    -1106: "Parameter '{}' sent when not required.",
    -1108: "Invalid asset.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1120: "Invalid interval.",
    -1121: "Invalid symbol.",
    -1125: "This listenKey does not exist.",
    -1127: "More than {} hours between startTime and endTime.",
    -1128: "Combination of optional parameters invalid.",
    -1130: "Data sent for parameter '{}' is not valid.",
    -1136: "Invalid newOrderRespType.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2019: "Margin is insufficient.",
    -2020: "Unable to fill.",
    -2021: "Order would immediately trigger.",
    -2022: "ReduceOnly Order is rejected.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4016: "Limit price can't be higher than {}.",
    -4021: "Depth limit {} is not valid.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than {}.",
    -4028: "Leverage {} is not valid.",
    -4032: "Exceed maximum cancel order size.",
    -4045: "Reach max stop order limit.",
    -4046: "No need to change margin type.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4050: "Cross balance insufficient.",
    -4051: "Isolated balance insufficient.",
    -4054: "Cannot add position margin: position is 0.",
    -4055: "Amount must be positive.",
    -4056: "Invalid api key type.",
    -4059: "No need to change position side.",
    -4060: "Invalid position side.",
    -4061: "Order's position side does not match user's setting.",
    -4067: "Position side cannot be changed if there exists open orders.",
    -4068: "Position side cannot be changed if there exists position.",
    -4082: "Invalid number of batch place orders.",
    -4104: "Invalid contract type.",
    -4116: "ClientOrderId is duplicated.",
    -4120: "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4144: "Invalid pair.",
    -4161: "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
    -4164: "Order's notional must be no smaller than {} (unless you choose reduce only).",
    -4167: "Unable to adjust to Multi-Assets mode with symbols of isolated-margin.",
    -4168: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
    -4170: "Unable to adjust Multi-Assets Mode with open orders.",
    -4171: "No need to change Multi-Assets mode.",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected. "
    "The order will not be recorded in the order history",
    -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected. "
    "The order will not be recorded in the order history",
    -5025: "Only limit order is supported.",
    -5026: "Exceed maximum modify order limit.",
    -5027: "No need to modify the order.",
    -5029: "Order's notional must be no smaller than {}.",
    -5038: "priceMatch is not supported for this order type.",
    -5040: "The goodTillDate timestamp must be greater than the current time plus 600 seconds "
    "and smaller than 253402300799000.",
    -5041: "No depth matches this BBO order.",
    -5047: "The original order is not a reduce-only order",
}


class Rejection(Exception):
    """The exchange's answer `{code, msg}` with its HTTP status.

    Args:
        code: The exchange's error code.
        values: What the code's message has blanks for.
        message: The whole message, where the code has several.
        status: HTTP status, and `status` of a WebSocket API reply.
        headers: Response headers that only this answer carries.
    """

    def __init__(
        self,
        code: int,
        *values: object,
        message: str | None = None,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.message = MESSAGES[code].format(*values) if message is None else message
        self.status = status
        self.headers = dict(headers or {})
        super().__init__(code, self.message)

    def body(self) -> dict[str, object]:
        """The JSON object that goes out."""
        return {"code": self.code, "msg": self.message}


def unknown_path(method: str, path: str) -> Rejection:
    """Nothing is served at this address."""
    return Rejection(-5000, message=f"Path {path}, Method {method} is invalid", status=404)
