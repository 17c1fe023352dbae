"""An edit of the spec and one command: a new operation, stream, event and enum value work, with no Python edited."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specwright.simulator import Simulator
from specwright.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]

OPERATION = """\
  last_price:
    summary:
      en: The price of the latest trade of a symbol.
      zh: 某交易对的最新成交价。
    security: NONE
    rest: {method: GET, path: /fapi/v1/lastPrice, weight: {by: depth, up_to: {10: 3, 100: 7}}}
    params:
      symbol: {type: string, required: true}
      depth: {type: int, default: 10, max: 100}
      mood: {type: Mood}
    response: LastPrice
    example: |
      {"symbol": "BTCUSDT", "price": "6000.01", "mood": "CALM", "time": 1589437530011}
"""
MODELS = """\
  LastPrice:
    summary:
      en: The price of the latest trade.
      zh: 最新成交价。
    fields:
      symbol: string
      price: decimal
      mood: Mood
      time: timestamp
  MoodEvent:
    summary:
      en: The market's mood has changed.
      zh: 市场情绪变化。
    fields:
      e: {name: event_type, type: string}
      E: {name: event_time, type: timestamp}
      s: {name: symbol, type: string}
      m: {name: mood, type: Mood}
  MoodWarning:
    summary:
      en: The account trades against the market's mood.
      zh: 账户逆市场情绪交易。
    fields:
      e: {name: event_type, type: string}
      E: {name: event_time, type: timestamp}
      T: {name: transaction_time, type: timestamp}
      m: {name: mood, type: Mood}
"""
STREAM = """\
  mood:
    summary:
      en: The mood of a symbol's market.
      zh: 某交易对的市场情绪。
    pattern: <symbol>@mood
    route: market
    params:
      symbol: {type: string, required: true, case: lower}
    payload: MoodEvent
    update_speed: 100ms
    example: |
      {"e": "mood", "E": 1589437530011, "s": "BTCUSDT", "m": "CALM"}
"""
EVENT = """\
  MOOD_WARNING:
    summary:
      en: Warns that the account trades against the mood.
      zh: 逆情绪交易提醒。
    route: private
    payload: MoodWarning
    example: |
      {"e": "MOOD_WARNING", "E": 1589437530011, "T": 1589437530010, "m": "EUPHORIC"}
"""
ENUM = """\
  Mood:
    summary: {en: How the market feels., zh: 市场情绪。}
    values: [CALM, EUPHORIC]
"""


def insert(path: Path, after: str, text: str) -> None:
    """Puts text behind the first line that reads `after`."""
    before, line, rest = path.read_text(encoding="utf-8").partition(f"{after}\n")
    assert line, f"{path} has no line {after!r}"
    path.write_text(f"{before}{line}{text}{rest}", encoding="utf-8")


@pytest.fixture(scope="module")
def edited_spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the spec with five things that the exchange does not have."""
    spec = tmp_path_factory.mktemp("edited") / "spec"
    shutil.copytree(ROOT / "spec", spec)
    product = spec / "usds_futures"
    insert(product / "operations" / "market_data.yaml", "operations:", OPERATION)
    insert(product / "models" / "market_data.yaml", "models:", MODELS)
    insert(product / "streams" / "market.yaml", "streams:", STREAM)
    insert(product / "streams" / "user_data.yaml", "events:", EVENT)
    insert(product / "enums.yaml", "enums:", ENUM)
    return spec


@pytest.fixture(scope="module")
def package(edited_spec: Path) -> Iterator[ModuleType]:
    """The package that one command makes of it."""
    out = edited_spec.parent / "generated"
    command = ["generate", "--spec", str(edited_spec), "--out", str(out), "--package", "edited_client"]
    subprocess.run([Path(sys.executable).with_name("specwright"), *command], check=True, cwd=edited_spec.parent)
    sys.path.insert(0, str(out))
    try:
        yield import_module("edited_client")
    finally:
        sys.path.remove(str(out))


@pytest.fixture
def edited_exchange(edited_spec: Path) -> Iterator[Simulator]:
    """The embedded exchange of the edited spec."""
    with Simulator(load_spec(edited_spec).spec) as exchange:
        yield exchange


def test_a_new_operation_is_called(package: Any, edited_exchange: Simulator) -> None:
    with package.UsdsFutures(**edited_exchange.client_options) as client:
        last = client.market_data.last_price(symbol="ETHUSDT", depth=20, mood="EUPHORIC")

        assert (last.symbol, last.price, last.mood) == ("ETHUSDT", Decimal("6000.01"), "EUPHORIC")
        assert client.market_data.last_price.cost(symbol="ETHUSDT", depth=20) == 7
        assert client.limits["request_weight"].used == 7
        assert "某交易对的最新成交价。" in (type(client.market_data.last_price).__call__.__doc__ or "")


def test_a_new_enum_value_is_checked(package: Any, edited_exchange: Simulator) -> None:
    with package.UsdsFutures(**edited_exchange.client_options) as client:
        with pytest.raises(package.errors.InvalidParameter, match=r"last_price.*mood.*CALM.*EUPHORIC"):
            client.market_data.last_price(symbol="ETHUSDT", mood="GLOOMY")

        assert edited_exchange.requests == []


async def test_a_new_stream_is_received(package: Any, edited_exchange: Simulator) -> None:
    async with package.AsyncUsdsFutures(**edited_exchange.client_options) as client:
        async for event in client.streams.mood("BTCUSDT").events():
            assert (event.symbol, event.mood) == ("BTCUSDT", "CALM")
            break


async def test_a_new_event_arrives_typed(package: Any, edited_exchange: Simulator) -> None:
    async with (
        package.AsyncUsdsFutures(**edited_exchange.client_options) as client,
        client.user_data() as stream,
    ):
        edited_exchange.faults.send('{"e":"MOOD_WARNING","E":1,"T":2,"m":"EUPHORIC"}')
        async for event in stream.events():
            assert type(event).__name__ == "MoodWarning"
            assert event.mood == "EUPHORIC"
            break
