"""Imports are collected while planning and ordered as isort does."""

from __future__ import annotations

from specwright.build.imports import Imports, sorted_exports


def test_modules_of_the_package_are_imported_relatively() -> None:
    imports = Imports(("futures", "rest", "trade"))
    imports.local(("_runtime", "method"), "RestMethod")
    imports.local(("futures", "enums"), "Side")
    imports.local(("futures", "rest", "market"), "Market")
    imports.local(("futures", "operations"), "trade", alias="operations")
    assert imports.block().always == (
        "from ..._runtime.method import RestMethod",
        "from ..enums import Side",
        "from ..operations import trade as operations",
        "from .market import Market",
    )


def test_a_package_sees_its_modules_from_inside() -> None:
    imports = Imports(("futures",), is_package=True)
    assert imports.relative(("futures", "client")) == ".client"
    assert imports.relative(("_runtime", "lazy")) == ".._runtime.lazy"


def test_names_for_annotations_only_are_for_type_checkers() -> None:
    imports = Imports(("futures", "models", "trade"))
    imports.standard_type("decimal", "Decimal")
    imports.standard_type("typing", "Literal")
    imports.local_type(("futures", "enums"), "Side")
    block = imports.block()
    assert block.always == ("from typing import TYPE_CHECKING, Literal",)
    assert block.type_checking == ("    from decimal import Decimal", "", "    from ..enums import Side")


def test_what_runs_is_not_imported_a_second_time_for_type_checkers() -> None:
    imports = Imports(("futures", "errors"))
    imports.local_type(("_runtime", "product"), "ErrorCode")
    imports.local(("_runtime", "product"), "ErrorCode")
    assert imports.block().always == ("from .._runtime.product import ErrorCode",)
    assert imports.block().type_checking == ()


def test_a_module_does_not_import_its_own_names() -> None:
    imports = Imports(("futures", "models", "trade"))
    assert imports.local_type(("futures", "models", "trade"), "Order") == "Order"
    assert imports.block().always == ()


def test_long_imports_have_one_name_a_line() -> None:
    imports = Imports(("futures", "client"))
    for letter in "ABC":
        imports.local(("_runtime", "errors"), letter + "x" * 40)
    lines = imports.block().always
    assert lines[0] == "from .._runtime.errors import ("
    assert lines[1:] == (*(f"    {letter}{'x' * 40}," for letter in "ABC"), ")")


def test_constants_come_before_classes_and_numbers_count_by_value() -> None:
    assert sorted_exports(["to_wire", "V10", "V9", "ERRORS", "Order"]) == ["ERRORS", "V9", "V10", "Order", "to_wire"]
