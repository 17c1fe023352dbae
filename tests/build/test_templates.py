"""What is wrong with somebody's own templates is named with its place; the built-in ones are compiled once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from specwright.build.compiled import CompiledTemplates
from specwright.build.render import Renderer, TemplateFailed, misnamed_templates
from specwright.build.tree import build_tree

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.spec.dialect.exchange import Spec


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (b"first line\n{% for %}\n", "{templates}/package.py.jinja:2: "),
        (b"\n{{ view.nonsense }}", "{templates}/package.py.jinja:2: "),
        (b"{{ view.source.nonsense }}", "{templates}/package.py.jinja:1: 'str object' has no attribute 'nonsense'"),
        (b"\n\n{{ 1 / 0 }}", "{templates}/package.py.jinja:3: division by zero (in margined/operations/__init__.py)"),
        (b"{% include 'nowhere' %}", "package.py.jinja: there is no template 'nowhere'"),
        (b"\xff\xfe", "package.py.jinja: not UTF-8 text"),
    ],
)
def test_a_wrong_template_is_named(golden_spec: Spec, tmp_path: Path, template: bytes, said: str) -> None:
    (tmp_path / "package.py.jinja").write_bytes(template)
    with pytest.raises(TemplateFailed) as caught:
        build_tree(golden_spec, templates=tmp_path)
    assert str(caught.value).startswith(said.format(templates=tmp_path))


def test_templates_that_replace_nothing_are_told_from_those_that_others_include(tmp_path: Path) -> None:
    texts = {
        "model.py.jinja": "",
        "nonsense.jinja": "",
        "shared.jinja": "",
        "enums.py.jinja": "{% include 'shared.jinja' %}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder.jinja").mkdir()
    assert misnamed_templates(tmp_path) == {"model.py.jinja": "models.py.jinja", "nonsense.jinja": None}


# --- Compiled templates ---


def compiled(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "__pycache__").glob("*")}


@pytest.fixture
def built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that takes the place of the built-in templates, in a process that keeps what it compiles."""
    monkeypatch.setattr("specwright.build.render._TEMPLATES", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "a.jinja").write_text("one")
    return tmp_path


def rendered(name: str = "a.jinja", overrides: Path | None = None) -> str:
    return Renderer(overrides)._environment.get_template(name).render()


def test_a_template_is_compiled_again_when_it_has_changed(built_in: Path) -> None:
    assert rendered() == "one"
    first = compiled(built_in)
    assert len(first) == 1
    assert rendered() == "one"
    assert compiled(built_in) == first
    (built_in / "a.jinja").write_text("two")
    assert rendered() == "two"
    assert compiled(built_in) != first


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"nonsense\nmore"])
def test_damaged_compiled_templates_are_made_anew(built_in: Path, damage: bytes) -> None:
    rendered()
    [place] = (built_in / "__pycache__").iterdir()
    whole = place.read_bytes()
    for content in (damage, whole.split(b"\n")[0] + b"\n" + damage):
        place.write_bytes(content)
        assert rendered() == "one"
        assert place.read_bytes() == whole


def test_nothing_is_kept_of_a_users_templates_or_where_python_keeps_nothing_either(
    built_in: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides = tmp_path_factory.mktemp("templates")
    (overrides / "a.jinja").write_text("ours")
    assert rendered(overrides=overrides) == "ours"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered() == "one"
    assert compiled(overrides) == compiled(built_in) == {}


def test_where_nothing_can_be_kept_templates_are_compiled_each_time(built_in: Path) -> None:
    (built_in / "__pycache__").write_text("a file is in the way")
    assert rendered() == "one"
    assert CompiledTemplates(built_in).get_cache_key("a.jinja", str(built_in / "a.jinja")).startswith(str(built_in))
