"""An OpenAPI document can say in extensions what a spec says; none of it is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from specwright.importer.openapi.convert import convert
from specwright.importer.openapi.document import Document
from specwright.spec import load_spec

from .extended import EXTENDED
from .writing import written

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.importer.knowledge import Plain
    from specwright.spec.dialect.exchange import Spec


def loaded(document: dict[str, Plain], folder: Path) -> Spec:
    result = load_spec(written(convert(Document(document)), folder))
    assert [str(finding) for finding in result.findings] == []
    assert result.spec is not None
    return result.spec


def test_extensions_say_all_that_the_dialect_can(tmp_path: Path) -> None:
    conversion = convert(Document(EXTENDED))

    assert conversion.unsaid == []
    product = loaded(EXTENDED, tmp_path).products["futures"]
    order = product.operations["new_order"]
    assert order.rest is not None
    assert order.ws is not None
    assert (order.group, order.security, order.retry, order.since) == ("trade", "TRADE", "never", "2026-01-01")
    assert (order.documentation, order.summary.zh) == ("/trade/New", "下单。")
    assert (str(order.rest.weight), sorted(order.rest.costs)) == (
        "WeightByValue(param='limit', up_to={5: 1, 9: 2}, values={}, otherwise=None, above=7)",
        ["orders"],
    )
    assert order.ws.method == "order.place"
    assert [rule.kind for rule in order.rules] == ["require"]
    price, name = order.params[2], order.params[3]
    assert (price.unit, price.minimum, price.summary and price.summary.zh) == ("quote asset", Decimal(0), "限价。")
    assert (name.generated, name.name, name.case, name.pattern) == (
        "client_order_id",
        "order_id",
        "lower",
        "[a-z]{1,36}",
    )
    assert [example.title for example in order.examples] == ["One"]
    assert [error.name for error in product.errors] == ["UNKNOWN"]
    assert product.streams["order_stream"].group == "market"


def test_extensions_of_models(tmp_path: Path) -> None:
    product = loaded(EXTENDED, tmp_path).products["futures"]

    fields = {each.wire: each for each in product.models["Order"].fields}  # type: ignore[union-attr]
    assert {wire: (each.name, type(each.type).__name__) for wire, each in fields.items()} == {
        "T": ("time", "Scalar"),
        "c": ("commission", "Scalar"),
        "k": ("row", "Named"),
        "n": ("share", "Scalar"),
        "key": (None, "Scalar"),
    }
    assert (fields["c"].blank, fields["c"].optional, fields["c"].unit, fields["key"].secret) == (True, True, "%", True)
    assert product.models["Order"].module == "trading"
    assert [value.summary and value.summary.zh for value in product.enums["Side"].values] == ["买。", "卖。"]
