"""Changes of errors, budgets, environments and the product's own facts, each alone."""

from __future__ import annotations

from ...spec.example_files import ERRORS, EXCHANGE, PRODUCT
from .change import change

PRODUCT_CHANGES = [
    change(
        "a new error code",
        ERRORS,
        "http_errors:",
        "  - {code: -9000, name: HALTED, summary: {en: No trading., zh: 停牌。}}\nhttp_errors:",
        "additive error errors.HALTED added",
    ),
    change("a renamed error", ERRORS, "NO_SUCH_ORDER", "UNKNOWN_ORDER", "breaking error errors.UNKNOWN_ORDER name"),
    change(
        "an error of another kind",
        ERRORS,
        "kind: clock",
        "kind: rejected",
        "breaking error errors.INVALID_TIMESTAMP kind",
    ),
    change(
        "what an error says of the execution",
        ERRORS,
        "execution: unknown",
        "execution: not_executed",
        "internal http error errors.SERVICE_UNKNOWN execution",
    ),
    change("a smaller budget", EXCHANGE, "limit: 300", "limit: 100", "internal budget budgets.orders_10s limit"),
    change("other variables with keys", EXCHANGE, "EXAMPLE_API_KEY", "KEY", "breaking spec package credentials"),
    change("another package", EXCHANGE, "package: example_exchange", "package: other", "breaking spec package package"),
    change(
        "an environment that is gone",
        PRODUCT,
        "  testnet: {rest: https://testnet.example.test}\n",
        "",
        "breaking environment environments.testnet removed",
    ),
    change(
        "another host",
        PRODUCT,
        "rest: https://api.example.test",
        "rest: https://api2.example.test",
        "internal environment environments.production rest",
    ),
    change(
        "streams of an environment",
        PRODUCT,
        "testnet: {rest: https://testnet.example.test}",
        "testnet: {rest: https://testnet.example.test, streams: wss://testnet.example.test}",
        "additive environment environments.testnet streams",
    ),
    change("another client class", PRODUCT, "client: Futures", "client: Perpetuals", "breaking product futures client"),
    change(
        "another receive window",
        PRODUCT,
        "default: 5s, maximum",
        "default: 10s, maximum",
        "internal product futures recv_window",
    ),
    change(
        "no local order book",
        PRODUCT,
        "order_book:\n  snapshot: order_book\n  stream: diff_depth\n  limit: 100\n  first_id: U\n  final_id: u\n"
        "  previous_id: pu\n  snapshot_id: lastUpdateId\n",
        "",
        "breaking product futures order_book",
    ),
]
