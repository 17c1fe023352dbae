"""Requests that are made from the exported document get replies that the document promises.

The embedded exchange answers; every operation is asked a few times, with parameters that nobody thought of.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests.auth import AuthBase
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from specwright.simulator import Simulator

from .conftest import exported, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KNOWN = {"symbol": "BTCUSDT", "pair": "BTCUSDT"}
"""What a made-up value would only be refused for."""


class Signed(AuthBase):
    """Signs a request when it is ready to be sent."""

    def __init__(self, exchange: Simulator) -> None:
        self.exchange = exchange

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        parts = urlsplit(str(request.url))
        query = "&".join(filter(None, [parts.query, f"timestamp={self.exchange.clock.now_ms()}"]))
        signature = hmac.new(self.exchange.api_secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        request.url = parts._replace(query=f"{query}&signature={signature}").geturl()
        request.headers["X-MBX-APIKEY"] = self.exchange.api_key
        return request


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator() as started:
        started.limits.enabled = False
        yield started


def test_the_embedded_exchange_keeps_what_the_document_promises(exchange: Simulator) -> None:
    document: Any = json.loads(exported("openapi", "spec"))
    statuses: Counter[int] = Counter()
    asked: set[str] = set()
    session = requests.Session()

    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=2,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            query = case.query or {}
            case.query = {
                name: KNOWN.get(name, value)
                for name, value in query.items()
                if name not in ("timestamp", "recvWindow", "signature")
            }
            response = case.call(base_url=exchange.rest_url, session=session, auth=Signed(exchange))
            case.validate_response(response, checks=CHECKS)
            statuses[response.status_code] += 1

        ask()
        asked.add(operation.label)

    _, product = read("spec")
    assert len(asked) == sum(each.rest is not None for each in product.operations.values())
    assert statuses[200] > statuses.total() / 3
    assert set(statuses) <= {200, 400}
