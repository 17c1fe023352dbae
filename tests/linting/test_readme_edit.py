"""The new endpoint of both READMEs leaves `specwright check` nothing to say, and its mistake stands where they say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from specwright.cli import app

ROOT = Path(__file__).parents[2]
OPERATIONS = Path("spec/usds_futures/operations/market_data.yaml")
MODELS = Path("spec/usds_futures/models/market_data.yaml")


def check() -> Result:
    return CliRunner().invoke(app, ["check", "--fail-on", "info"])


def insert(readme: str) -> None:
    """Makes the edits that a README shows: each behind the first line of its block."""
    text = (ROOT / readme).read_text("utf-8")
    blocks = re.findall(r"```diff\n (\w+:\n)((?:\+.*\n)+)```", text)
    for path, (head, added) in zip((OPERATIONS, MODELS), blocks, strict=True):
        spec = path.read_text("utf-8")
        assert spec.startswith(head)
        path.write_text(head + re.sub(r"^\+", "", added, flags=re.MULTILINE) + spec[len(head) :], "utf-8")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_edit_is_all_that_a_new_endpoint_needs(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    insert(readme)

    result = check()
    assert (result.exit_code, "no mistakes" in result.output) == (0, True), result.output

    OPERATIONS.write_text(OPERATIONS.read_text("utf-8").replace("response: LastPrice", "response: LastPrise"), "utf-8")
    told = re.sub(r"\s+", " ", check().output)
    (said,) = re.findall(r"^    (spec/.*unknown-type.*)$", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
    assert said in told
