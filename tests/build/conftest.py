"""The spec that uses every feature of the dialect once, and what is made of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.build.tree import build_tree
from specwright.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.exchange import Spec
    from specwright.spec.dialect.product import Product

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden_spec() -> Spec:
    result = load_spec(GOLDEN / "spec")
    assert result.spec is not None, "\n".join(map(str, result.findings))
    return result.spec


@pytest.fixture(scope="session")
def margined(golden_spec: Spec) -> Product:
    return golden_spec.products["margined"]


@pytest.fixture(scope="session")
def golden_tree(golden_spec: Spec) -> Mapping[str, bytes]:
    return build_tree(golden_spec)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec in it, which the commands run in."""
    shutil.copytree(GOLDEN / "spec", tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    return tmp_path
