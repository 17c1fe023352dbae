"""Every operation of the reference is in the spec and in the generated client: zero missing, zero extra.

`operations.md` is the evidence: reference entry, spec entry, generated method. It is made with

    python -m tests.coverage.table

where the reference is at hand, and held against spec and client everywhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from binance_derivatives import AsyncUsdsFutures
from specwright.simulator.bundled import bundled_spec

from . import reference, table
from .comparison import Comparison, spelt_out

SPEC = bundled_spec()
PRODUCT = SPEC.products["usds_futures"]
COMMITTED = table.PATH.read_text(encoding="utf-8")

needs_reference = pytest.mark.skipif(
    not reference.at_hand(PRODUCT.name), reason="the reference is not at hand (set API_REFERENCE to its folder)"
)


def test_the_table_names_what_the_spec_has() -> None:
    assert SPEC is not None
    committed = {row.spec_side for row in table.parse(COMMITTED)}

    assert committed == {row.spec_side for row in table.of_spec(SPEC)}


async def test_every_named_method_is_on_the_client() -> None:
    async with AsyncUsdsFutures() as client:
        missing = []
        for row in table.parse(COMMITTED):
            found: object = client
            for name in row.method.split("."):
                found = getattr(found, name, None)
            if not callable(found):
                missing.append(row.method)

    assert missing == []


@needs_reference
def test_the_table_names_what_the_reference_has() -> None:
    assert SPEC is not None
    assert table.render(table.with_reference(SPEC)) == COMMITTED


@needs_reference
def test_every_difference_from_the_reference_is_explained() -> None:
    explained = yaml.safe_load((Path(__file__).parent / "differences.yaml").read_text(encoding="utf-8"))
    comparison = Comparison(PRODUCT)
    found: list[str] = []
    for entry in reference.entries(PRODUCT.name):
        if entry.transport == "event":
            differences = comparison.fields(entry.fields, PRODUCT.events[entry.key].payload)
        elif entry.transport == "stream":
            stream = next(s for s in PRODUCT.streams.values() if entry.key in spelt_out(s))
            differences = comparison.stream(entry, stream)
        else:
            operation, carrier = table.carried(PRODUCT)[entry.transport, entry.key]
            differences = comparison.operation(entry, operation, carrier)
        found += [f"{entry.transport} {entry.key}: {difference}" for difference in differences]

    assert sorted(found) == sorted(line for group in explained.values() for line in group["differences"])


@needs_reference
def test_every_error_code_is_in_the_spec() -> None:
    assert {error.code for error in PRODUCT.errors} == set(reference.error_codes(PRODUCT.name))
