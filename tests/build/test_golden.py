"""The whole output for a spec that uses every feature of the dialect once, as a reviewer sees it.

After a change that is meant, `SPECWRIGHT_BLESS=1 pytest tests/build/test_golden.py` writes the expected tree anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.build.manifest import RUNTIME_FOLDER
from specwright.build.tree import build_tree
from specwright.build.write import write_tree
from specwright.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.exchange import Spec

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = GOLDEN / "expected" / "example_exchange"
ROOT = Path(__file__).parents[2]


def without_runtime(tree: Mapping[str, bytes]) -> dict[str, str]:
    return {path: content.decode() for path, content in tree.items() if not path.startswith(f"{RUNTIME_FOLDER}/")}


@pytest.fixture(scope="module")
def package(golden_tree: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated package on disk, with its runtime."""
    folder = tmp_path_factory.mktemp("generated") / "example_exchange"
    write_tree(folder, golden_tree)
    shutil.copy(ROOT / "pyproject.toml", folder.parent)
    return folder


def run(*arguments: str, cwd: Path) -> str:
    """What this interpreter complains about; empty where there is nothing."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_output_is_the_expected_tree(golden_tree: Mapping[str, bytes]) -> None:
    made = without_runtime(golden_tree)
    if os.environ.get("SPECWRIGHT_BLESS"):
        shutil.rmtree(EXPECTED, ignore_errors=True)
        for path, text in made.items():
            (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / path).write_text(text)
    expected = {
        path.relative_to(EXPECTED).as_posix(): path.read_text() for path in EXPECTED.rglob("*") if path.is_file()
    }
    assert made == expected


def test_runtime_is_copied_as_it_is(golden_tree: Mapping[str, bytes]) -> None:
    runtime = ROOT / "generator" / "specwright" / "runtime"
    copied = {path: content for path, content in golden_tree.items() if path.startswith(f"{RUNTIME_FOLDER}/")}
    assert copied == {
        f"{RUNTIME_FOLDER}/{source.relative_to(runtime).as_posix()}": source.read_bytes()
        for source in runtime.rglob("*.py")
    }


DIGEST = """
import sys
from hashlib import sha256
from pathlib import Path
from specwright.build.tree import build_tree
from specwright.spec import load_spec
tree = build_tree(load_spec(Path(sys.argv[1])).spec)
print(sha256(repr(list(tree.items())).encode()).hexdigest())
"""


def test_two_runs_give_identical_bytes_whatever_the_order_of_sets() -> None:
    def digest(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", DIGEST, str(GOLDEN / "spec")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    assert digest("1") == digest("2")


def test_output_does_not_depend_on_where_the_spec_lies(golden_tree: Mapping[str, bytes], tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "spec", tmp_path / "elsewhere")
    moved = load_spec(tmp_path / "elsewhere").spec
    assert moved is not None
    assert build_tree(moved) == golden_tree


def test_only_a_product_is_built_with_what_all_share(golden_spec: Spec, golden_tree: Mapping[str, bytes]) -> None:
    tree = build_tree(golden_spec, only="plain")
    assert tree == {path: content for path, content in golden_tree.items() if not path.startswith("margined/")}


def test_one_edited_operation_changes_few_files(golden_tree: Mapping[str, bytes], tmp_path: Path) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(GOLDEN / "spec", spec)
    trade = spec / "margined" / "operations" / "trade.yaml"
    trade.write_text(trade.read_text().replace("path: /v1/openOrders, weight: 1", "path: /v1/openOrders, weight: 7"))
    edited = load_spec(spec).spec
    assert edited is not None
    tree = build_tree(edited)
    assert {path for path in tree if tree[path] != golden_tree[path]} == {
        "__init__.py",  # It carries the spec's digest.
        "margined/operations/trade.py",
        "margined/rest/trade.py",
        "margined/rest_async/trade.py",
    }


def test_formatter_would_change_nothing(package: Path) -> None:
    assert run("-m", "ruff", "format", "--check", "--exclude", RUNTIME_FOLDER, ".", cwd=package.parent) == ""


def test_linter_has_nothing_to_say(package: Path) -> None:
    assert run("-m", "ruff", "check", "--exclude", RUNTIME_FOLDER, ".", cwd=package.parent) == ""


def test_types_are_strictly_right(package: Path) -> None:
    assert run("-m", "mypy", "--strict", "--package", "example_exchange", cwd=package.parent) == ""


EVERY_MODULE = """
import importlib, pkgutil, warnings
warnings.simplefilter("error")
import example_exchange
found = [name for _, name, _ in pkgutil.walk_packages(example_exchange.__path__, "example_exchange.")]
for name in found:
    if "._runtime." not in name:
        module = importlib.import_module(name)
        for exported in getattr(module, "__all__", ()):
            getattr(module, exported)
"""


def test_every_module_can_be_imported_and_has_what_it_exports(package: Path) -> None:
    assert run("-c", EVERY_MODULE, cwd=package.parent) == ""


LAZY = """
import sys
import example_exchange
loaded = {name for name in sys.modules if name.startswith("example_exchange")}
example_exchange.margined.models.OrderBook
assert "example_exchange.margined.models.trade" not in sys.modules
assert loaded == {"example_exchange", "example_exchange._runtime", "example_exchange._runtime.lazy"}, loaded
"""


def test_importing_the_package_imports_no_product(package: Path) -> None:
    assert run("-c", LAZY, cwd=package.parent) == ""
