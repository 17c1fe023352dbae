"""The documents of the repository's spec and of the example, as other tools read them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specwright.export.asyncapi import asyncapi_document
from specwright.export.documents import as_json
from specwright.export.openapi import openapi_document
from specwright.spec import load_spec

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec
    from specwright.spec.dialect.product import Product

ROOT = Path(__file__).parents[2]
FOLDERS = {"spec": ROOT / "spec", "example_spec": ROOT / "tests" / "spec" / "example_spec"}


@cache
def read(name: str) -> tuple[Spec, Product]:
    spec = load_spec(FOLDERS[name]).spec
    assert spec is not None
    (product,) = spec.products.values()
    return spec, product


@cache
def exported(kind: str, name: str) -> str:
    make = {"openapi": openapi_document, "asyncapi": asyncapi_document}[kind]
    return as_json(make(*read(name)))


@pytest.fixture(params=FOLDERS)
def spec_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spec(spec_name: str) -> Spec:
    return read(spec_name)[0]


@pytest.fixture
def product(spec_name: str) -> Product:
    return read(spec_name)[1]


@pytest.fixture
def openapi(spec_name: str) -> Any:
    return json.loads(exported("openapi", spec_name))


@pytest.fixture
def asyncapi(spec_name: str) -> Any:
    return json.loads(exported("asyncapi", spec_name))
