"""What HTTP libraries log of our calls holds no key material."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from specwright.runtime.library_logs import redact_logs, silence_header_logs

if TYPE_CHECKING:
    import pytest


def test_a_logged_address_is_told_without_its_signature(caplog: pytest.LogCaptureFixture) -> None:
    redact_logs("some.library")
    logger = logging.getLogger("some.library")
    address = "https://host/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=00ff%2B&x=1"

    with caplog.at_level(logging.INFO):
        logger.info('HTTP Request: %s %s "%d"', "GET", address, 200)
        logger.info("%d connections", 3)

    assert [record.getMessage() for record in caplog.records] == [
        'HTTP Request: GET https://host/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=***&x=1 "200"',
        "3 connections",
    ]
    assert "00ff" not in str([vars(record) for record in caplog.records])


def test_headers_of_http2_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    silence_header_logs()

    with caplog.at_level(logging.DEBUG):
        for name in ("hpack.hpack", "hpack.table"):
            logging.getLogger(name).debug("Adding %s to the header table", (b"x-mbx-apikey", b"key"))
            logging.getLogger(name).warning("something is wrong")

    assert [record.getMessage() for record in caplog.records] == ["something is wrong"] * 2
