"""Renames that the spec declares: the old Python name does what the new one does, and says so."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specwright.build.tree import build_tree
from specwright.build.write import write_tree
from specwright.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

PACKAGE = "renamed_exchange"


class RecordingCaller:
    """Encodes a call's arguments as a client does, and keeps them."""

    def __init__(self, package: ModuleType) -> None:
        self.encode = importlib.import_module(f"{package.__name__}._runtime.arguments").encode
        self.wire: object = None

    def call(self, operation: Any, arguments: Mapping[str, object], **options: object) -> object:
        self.wire = self.encode(operation, operation.rest, arguments).wire
        return None


class RecordingHub:
    """Keeps the name of the stream that was opened."""

    def __init__(self, package: ModuleType) -> None:
        self.stream_name = importlib.import_module(f"{package.__name__}._runtime.websocket.source").stream_name
        self.name: str | None = None
        self.feed = None

    def source(self, descriptor: Any, arguments: Mapping[str, object]) -> Any:
        self.name = self.stream_name(descriptor, arguments)
        source = importlib.import_module(f"{PACKAGE}._runtime.websocket.source").Source
        return source(self.name, descriptor.route, bytes)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that is generated from a spec with a rename of each kind."""
    spec = load_spec(Path(__file__).parent / "golden" / "spec").spec
    assert spec is not None
    spec.package = PACKAGE
    folder = tmp_path_factory.mktemp("generated")
    write_tree(folder / PACKAGE, build_tree(spec))
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]


def module(package: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{package.__name__}.margined.{name}")


@pytest.fixture
def caller(package: ModuleType) -> RecordingCaller:
    return RecordingCaller(package)


@pytest.fixture
def market(package: ModuleType, caller: RecordingCaller) -> Any:
    return module(package, "rest.market").MarketGroup(caller)


def warns(former: str, name: str) -> Any:
    return pytest.warns(DeprecationWarning, match=f"^`{former}` is called `{name}` now$")


def test_a_method_is_found_by_its_former_name(market: Any) -> None:
    with warns("exchange_info", "exchange_information") as noted:
        assert market.exchange_info is market.exchange_information
    assert noted[0].filename == __file__


def test_an_argument_is_taken_by_its_former_name(market: Any, caller: RecordingCaller) -> None:
    with warns("page_size", "limit") as noted:
        market.trades(symbol="BTC", page_size=10)
    assert caller.wire == {"symbol": "BTC", "limit": "10"}
    assert noted[0].filename == __file__


def test_a_required_argument_is_taken_by_its_former_name(market: Any, caller: RecordingCaller) -> None:
    with warns("names", "symbols"):
        market.exchange_information(names=["BTC"])
    assert caller.wire == {"symbols": '["BTC"]'}


def test_a_required_argument_is_still_required(market: Any, package: ModuleType) -> None:
    errors = module(package, "errors")
    with pytest.raises(errors.InvalidParameter, match="symbols"):
        market.exchange_information()


@pytest.mark.parametrize("names", [{"limit": 5, "count": 6}, {"page_size": 5, "count": 6}])
def test_two_names_of_one_argument_are_refused(market: Any, package: ModuleType, names: dict[str, int]) -> None:
    errors = module(package, "errors")
    with pytest.raises(errors.InvalidParameter, match="is a former name of `limit`, which is given too"):
        market.trades(symbol="BTC", **names)


def test_new_names_do_not_warn(market: Any, caller: RecordingCaller) -> None:
    market.trades(symbol="BTC", limit=10)
    assert caller.wire == {"symbol": "BTC", "limit": "10"}


def test_a_cost_follows_the_former_name(package: ModuleType, caller: RecordingCaller) -> None:
    operation = module(package, "rest.market").MarketGroup(caller).exchange_information
    with warns("names", "symbols"):
        assert operation.costs(names=["A", "B"]) == {"request_weight": 4}


def test_an_object_that_is_sent_is_taken_by_former_names(package: ModuleType, caller: RecordingCaller) -> None:
    operations = module(package, "operations.trade")
    batch = next(
        operation
        for operation in vars(operations).values()
        if any(param.shape is not None for param in getattr(getattr(operation, "rest", None), "params", ()))
    )
    (param,) = (param for param in batch.rest.params if param.shape is not None)
    with warns("size", "quantity"):
        caller.call(batch, {param.python: [{"symbol": "BTC", "side": "BUY", "size": "1", "new_client_order_id": "a"}]})
    assert '"quantity":"1"' in str(caller.wire)


def test_a_field_is_read_by_its_former_name(package: ModuleType) -> None:
    ticker = module(package, "models").Ticker(symbol="BTC", price=1, change=None)
    with warns("last_price", "price") as noted:
        assert ticker.last_price == 1
    assert noted[0].filename == __file__


@pytest.mark.parametrize(
    ("where", "former", "name"),
    [
        ("models", "SymbolInfo", "SymbolInformation"),
        ("enums", "Direction", "MarginDirection"),
        ("params", "OrderItem", "NewOrderItem"),
        ("params", "ExchangeInfoParams", "ExchangeInformationParams"),
    ],
)
def test_a_class_is_imported_by_its_former_name(package: ModuleType, where: str, former: str, name: str) -> None:
    found = module(package, where)
    with warns(former, name):
        assert getattr(found, former) is getattr(found, name)
    assert former not in dir(found)


def test_a_stream_is_opened_by_former_names(package: ModuleType) -> None:
    hub = RecordingHub(package)
    streams = module(package, "streams").Streams(hub)

    with warns("depth_updates", "depth"), warns("size", "levels"), warns("speed", "update_speed"):
        streams.depth_updates("BTC", size=5, speed="100ms")
    assert hub.name == "btc@depth5@100ms"

    streams.depth("BTC", 10)
    assert hub.name == "btc@depth10"
