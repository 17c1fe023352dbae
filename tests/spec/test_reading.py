"""Reading a spec folder: what is shared, what is read again, and what cannot be read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.spec import SpecReader, load_spec
from specwright.spec.dialect.types import ByPresence, ListOf, Named, ResultOrError
from specwright.spec.dialect.vocabulary import Union
from specwright.spec.dialect.weights import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem
from specwright.spec.load import MAXIMUM_BYTES

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec
    from specwright.spec.dialect.operations import Operation
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.rules import Rule

EXAMPLE = Path(__file__).parent / "example_spec"
MARKET = Path("futures/operations/market.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "spec"))


def read(folder: Path) -> Spec:
    result = load_spec(folder)
    assert result.findings == []
    assert result.spec is not None
    return result.spec


def product_of(folder: Path) -> Product:
    return read(folder).products["futures"]


def operation(folder: Path, name: str) -> Operation:
    return product_of(folder).operations[name]


def edit(folder: Path, file: Path, old: str, new: str) -> None:
    path = folder / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")


# --- What the dialect's objects hold --------------------------------------------------------------------------------


def test_weights_keep_their_form() -> None:
    order_book, ticker = operation(EXAMPLE, "order_book"), operation(EXAMPLE, "ticker")
    information, time = operation(EXAMPLE, "exchange_information"), operation(EXAMPLE, "server_time")
    carriers = [each.rest for each in (order_book, ticker, information, time)]
    assert [carrier.weight for carrier in carriers if carrier is not None] == [
        WeightByValue(param="limit", up_to={50: 2, 100: 5}, above=10),
        WeightByPresence(present={"symbol": 1}, absent=40),
        WeightPerItem(param="symbols", each=2),
        FixedWeight(weight=1),
    ]


def test_a_response_may_depend_on_a_parameter() -> None:
    response = operation(EXAMPLE, "ticker").response
    assert isinstance(response, ByPresence)
    assert (response.param, type(response.present), type(response.absent)) == ("symbol", Named, ListOf)


def test_a_batch_gives_results_or_errors() -> None:
    response = operation(EXAMPLE, "place_multiple_orders").response
    assert isinstance(response, ListOf)
    assert isinstance(response.item, ResultOrError)


def test_rules_keep_their_kind_and_sets() -> None:
    def shown(rule: Rule) -> tuple[object, ...]:
        conditions = [condition.values if condition else None for condition in (rule.when, rule.unless)]
        return rule.kind, rule.params, *conditions, rule.in_mode, rule.at_most_ms

    assert [shown(rule) for rule in operation(EXAMPLE, "new_order").rules] == [
        ("require", [["price"], ["quantity"]], {"type": ["LIMIT"]}, None, None, None),
        ("require_any", [["price"], ["stopPrice"]], None, {"type": ["MARKET"]}, None, None),
        ("require_one", [["price"], ["stopPrice"]], {"quantity": []}, None, None, None),
        ("exclusive", [["quantity"], ["price", "stopPrice"]], None, None, None, None),
        ("forbid", [["goodTillDate"]], None, None, "hedge", None),
    ]


def test_paging_is_flat_and_durations_are_milliseconds() -> None:
    pages = operation(EXAMPLE, "all_orders").pages
    assert pages is not None
    assert (pages.limit, pages.id_param, pages.id_field) == ("limit", "orderId", "orderId")
    assert (pages.start_param, pages.end_param, pages.time_field) == ("startTime", "endTime", "time")
    assert (pages.window_ms, pages.reach_ms) == (7 * 86_400_000, 90 * 86_400_000)


def test_get_is_safe_to_repeat_and_all_else_is_not() -> None:
    operations = product_of(EXAMPLE).operations
    assert [operations[name].retry for name in ("server_time", "new_order", "start_user_data_stream")] == [
        "safe",
        "never",
        "safe",
    ]


def test_bounds_are_decimals_and_defaults_are_as_written() -> None:
    prices = {param.wire: param for param in operation(EXAMPLE, "new_order").params}
    limit = operation(EXAMPLE, "all_orders").params[-1]
    assert (prices["price"].minimum, prices["price"].maximum) == (Decimal("0.1"), Decimal(1_000_000))
    assert (limit.default, limit.minimum) == (500, Decimal(1))


def test_an_enum_knows_its_kind() -> None:
    enums = product_of(EXAMPLE).enums
    assert [(enum.kind, [value.value for value in enum.values]) for enum in enums.values()] == [
        ("string", ["BUY", "SELL"]),
        ("string", ["LIMIT", "MARKET"]),
        ("string", ["NEW", "FILLED"]),
        ("int", [1, 2]),
    ]


def test_models_know_their_module_shape_and_example() -> None:
    models = product_of(EXAMPLE).models
    book, level, union = models["OrderBook"], models["PriceLevel"], models["SymbolFilter"]
    assert not isinstance(book, Union)
    assert not isinstance(level, Union)
    assert isinstance(union, Union)
    assert (book.module, book.shape, level.shape) == ("market", "object", "array")
    assert book.example is not None
    assert book.example.value == {"lastUpdateId": 1, "bids": [["1.0", "2"]], "asks": []}
    assert {tag: variant.name for tag, variant in union.variants.items()} == {
        "PRICE_FILTER": "PriceFilter",
        "LOT_SIZE": "LotSizeFilter",
    }


def test_an_example_keeps_its_text_and_no_digit_is_lost() -> None:
    one, all_symbols = operation(EXAMPLE, "ticker").examples
    assert one.text == '{"symbol": "BTCUSDT", "lastPrice": null, "rate": 0.5}\n'
    assert one.value == {"symbol": "BTCUSDT", "lastPrice": None, "rate": Decimal("0.5")}
    assert (one.title, one.present) == ("One symbol", ["symbol"])
    assert (all_symbols.title, all_symbols.present) == ("All symbols", None)


# --- Reading again ----------------------------------------------------------------------------------------------------


def test_only_a_changed_file_is_bound_again(folder: Path) -> None:
    reader = SpecReader(folder)
    first = reader.read().spec
    edit(folder, MARKET, "The exchange's time.", "The time.")
    second = reader.read().spec
    assert first is not None
    assert second is not None
    before, after = (spec.products["futures"] for spec in (first, second))
    assert after.operations["server_time"].summary.en == "The time."
    assert after.operations["new_order"] is before.operations["new_order"]
    assert after.operations["order_book"] is not before.operations["order_book"]
    assert after.models["OrderBook"] is before.models["OrderBook"]


def test_reading_again_gives_what_reading_anew_gives(folder: Path) -> None:
    reader = SpecReader(folder)
    reader.read()
    edit(folder, MARKET, "security: NONE", "security: NOEN")
    broken = reader.read()
    assert broken.findings == load_spec(folder).findings != []
    edit(folder, MARKET, "security: NOEN", "security: NONE")
    assert reader.read() == load_spec(folder)


def test_a_file_that_disappears_is_forgotten(folder: Path) -> None:
    reader = SpecReader(folder)
    reader.read()
    (folder / "futures/streams/user_data.yaml").unlink()
    assert [str(finding).split(": ")[1] for finding in reader.read().findings] == ["unknown-event"]


def test_the_digest_is_of_paths_and_bytes(folder: Path, tmp_path: Path) -> None:
    digest = read(folder).digest
    elsewhere = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert load_spec(elsewhere).digest == digest
    edit(elsewhere, MARKET, "The exchange's time.", "The exchange's time. ")
    assert load_spec(elsewhere).digest != digest
    shutil.copytree(folder, tmp_path / "renamed")
    (tmp_path / "renamed/futures/models/market.yaml").rename(tmp_path / "renamed/futures/models/markets.yaml")
    assert load_spec(tmp_path / "renamed").digest != digest


# --- What cannot be read ----------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    missing = tmp_path / "spec"
    result = load_spec(missing)
    assert result.spec is None
    assert [str(finding) for finding in result.findings] == [
        f"{missing}:1:1: unreadable-file: the folder cannot be read: No such file or directory",
        f"{missing}/exchange.yaml:1:1: empty: the spec has no product: no folder beside this file",
        f"{missing}/exchange.yaml:1:1: missing-file: a spec needs this file",
    ]


def test_a_folder_in_place_of_a_file_is_a_finding(folder: Path) -> None:
    (folder / "futures/models/more.yaml").mkdir()
    (folder / "futures/enums.yaml").unlink()
    (folder / "futures/enums.yaml").mkdir()
    told = [(Path(finding.position.path).name, str(finding.code)) for finding in load_spec(folder).findings]
    assert told == [("enums.yaml", "unreadable-file"), ("more.yaml", "unknown-file")]


def test_a_link_that_leads_nowhere_is_a_finding(folder: Path) -> None:
    (folder / "futures/models/more.yaml").symlink_to(folder / "nowhere")
    assert [str(finding.code) for finding in load_spec(folder).findings] == ["unreadable-file"]


def test_a_file_that_is_too_large_is_a_finding(folder: Path) -> None:
    (folder / "futures/models/more.yaml").write_text("#" * (MAXIMUM_BYTES + 1), "utf-8")
    assert [str(finding.code) for finding in load_spec(folder).findings] == ["file-too-large"]


def test_a_file_of_comments_holds_nothing(folder: Path) -> None:
    (folder / "futures/models/more.yaml").write_text("# Nothing yet.\n", "utf-8")
    read(folder)


def test_mistakes_of_all_files_are_told_together(folder: Path) -> None:
    edit(folder, Path("futures/enums.yaml"), "  Side: [", "  Side: [[")
    edit(folder, MARKET, "security: NONE", "securty: NONE")
    edit(folder, Path("futures/streams/market.yaml"), "route: public", "route: publc")
    told = [(Path(finding.position.path).name, str(finding.code)) for finding in load_spec(folder).findings]
    assert told == [
        ("enums.yaml", "syntax"),
        ("market.yaml", "missing-key"),
        ("market.yaml", "unknown-key"),
        ("market.yaml", "unknown-route"),
    ]


# --- The command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "specwright.spec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_is_silent_about_a_good_spec() -> None:
    completed = run(str(EXAMPLE))
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "", "")


def test_the_command_prints_findings_and_fails(folder: Path) -> None:
    edit(folder, MARKET, "security: NONE", "security: NOEN")
    completed = run(str(folder))
    expected = f"{folder / MARKET}:5:15: unknown-security: there is no security type 'NOEN'; did you mean 'NONE'?\n"
    assert (completed.returncode, completed.stdout, completed.stderr) == (1, expected, "")
