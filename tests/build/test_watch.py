"""`generate --watch`, save by save: the saves come from the test, so that nothing has to be waited for."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from specwright.build import watch
from specwright.build.tree import RUNTIME, build_tree
from specwright.build.watch import Generation, UnknownProduct, saves
from specwright.build.write import ForeignFiles, write_tree
from specwright.cli import app
from specwright.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TRADE = "spec/margined/operations/trade.yaml"


@pytest.fixture
def generation(project: Path) -> Generation:
    """A generation whose first round is over."""
    generation = Generation(Path("spec"), Path("generated"))
    assert generation.run().is_news
    return generation


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new, 1))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def generated_in_one_go(project: Path, templates: Path | None = None) -> dict[str, bytes]:
    spec = load_spec(project / "spec").spec
    assert spec is not None
    cold = project / "cold"
    write_tree(cold, build_tree(spec, templates=templates))
    return files(cold)


# --- Rounds ---


def test_a_round_writes_what_an_edit_changes(project: Path, generation: Generation) -> None:
    edit(TRADE, "path: /v1/openOrders, weight: 1", "path: /v1/openOrders, weight: 7")
    done = generation.run()
    assert (done.findings, done.error, done.is_news) == ([], None, True)
    assert [difference.path for difference in done.differences] == [
        ".specwright-manifest.json",
        "__init__.py",
        "margined/operations/trade.py",
        "margined/rest/trade.py",
        "margined/rest_async/trade.py",
    ]
    assert files(project / "generated" / "example_exchange") == generated_in_one_go(project)


def test_a_save_that_changes_nothing_is_no_news(generation: Generation) -> None:
    Path(TRADE).touch()
    assert not generation.run().is_news


def test_a_wrong_edit_leaves_the_package_and_the_right_one_mends_it(project: Path, generation: Generation) -> None:
    before = files(project / "generated")
    edit(TRADE, "response: Order", "response: Ordre")
    wrong = generation.run()
    assert [(str(finding.position), finding.suggestion) for finding in wrong.findings] == [
        ("spec/margined/operations/trade.yaml:34:15", "Order")
    ]
    assert (wrong.folder, wrong.differences, files(project / "generated")) == (None, (), before)
    assert not generation.run().is_news

    edit(TRADE, "response: Ordre", "response: Order")
    edit(TRADE, "path: /v1/openOrders", "path: /v1/allOpenOrders")
    right = generation.run()
    assert not right.findings
    assert files(project / "generated" / "example_exchange") == generated_in_one_go(project)
    assert "margined/rest/trade.py" in {difference.path for difference in right.differences}


def test_a_removed_file_takes_its_modules_along(project: Path, generation: Generation) -> None:
    shutil.rmtree(project / "spec" / "plain")
    done = generation.run()
    stale = {difference.path for difference in done.differences if difference.kind == "stale"}
    assert "plain/rest/market.py" in stale
    assert files(project / "generated" / "example_exchange") == generated_in_one_go(project)


def test_a_new_group_file_is_taken_in(project: Path, generation: Generation) -> None:
    edit("spec/plain/product.yaml", "groups:", "groups:\n  account: {en: The account., zh: 账户。}")
    market = Path("spec/plain/operations/market.yaml").read_text()
    Path("spec/plain/operations/account.yaml").write_text(
        market.replace("  price:", "  balance:").replace("/price", "/balance")
    )
    done = generation.run()
    assert "plain/rest/account.py" in {difference.path for difference in done.differences}
    assert files(project / "generated" / "example_exchange") == generated_in_one_go(project)


def test_templates_are_followed_too(project: Path) -> None:
    templates = project / "templates"
    templates.mkdir()
    generation = Generation(Path("spec"), Path("out"), package="mine", templates=templates)
    generation.run()
    (templates / "package.py.jinja").write_text("{{ view.nonsense }}")
    assert "templates/package.py.jinja:1: " in str(generation.run().error)
    (templates / "package.py.jinja").write_text("# Ours: {{ view.source }}\n")
    assert generation.run().error is None
    assert files(project / "out" / "mine") == generated_in_one_go(project, templates)
    assert templates in generation.sources()


def test_only_one_product_is_followed_until_it_is_gone(project: Path, generation: Generation) -> None:
    only = Generation(Path("spec"), Path("generated"), only="plain")
    for product in ("plain", "margined"):
        edit(f"spec/{product}/product.yaml", "X-API-KEY", "X-OTHER-KEY")
    written = {difference.path for difference in only.run().differences}
    assert "plain/product.py" in written
    assert not {path for path in written if path.startswith("margined/")}
    shutil.rmtree(project / "spec" / "plain")
    assert isinstance(only.run().error, UnknownProduct)


def test_a_file_in_the_way_is_told_and_stays(project: Path, generation: Generation) -> None:
    in_the_way = project / "generated" / "example_exchange" / "plain" / "rest" / "account.py"
    in_the_way.write_text("mine\n")
    edit("spec/plain/product.yaml", "groups:", "groups:\n  account: {en: The account., zh: 账户。}")
    market = Path("spec/plain/operations/market.yaml").read_text()
    Path("spec/plain/operations/account.yaml").write_text(market.replace("  price:", "  balance:"))
    edit("spec/plain/operations/account.yaml", "/price", "/balance")
    error = generation.run().error
    assert isinstance(error, ForeignFiles)
    assert in_the_way.read_text() == "mine\n"
    in_the_way.unlink()
    assert generation.run().error is None


def test_a_round_is_timed_by_the_clock(project: Path) -> None:
    ticks = iter([10.0, 10.25])
    assert Generation(Path("spec"), Path("generated"), clock=lambda: next(ticks)).run().seconds == 0.25


# --- The command ---


def watching(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]) -> list[Sequence[Path]]:
    """Makes the saves come from `steps`, and Ctrl-C after them; gives the folders that were watched."""
    watched: list[Sequence[Path]] = []

    def scripted(folders: Sequence[Path], stop: Event | None = None) -> Iterator[None]:
        watched.append(folders)
        for step in steps:
            step()
            yield
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "saves", scripted)
    return watched


def without_times(output: str) -> list[str]:
    return [line.split(" (")[0] for line in output.splitlines()]


def test_the_command_tells_of_every_save_and_ends_with_ctrl_c(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watching(
        monkeypatch,
        lambda: edit(TRADE, "weight: 1}", "weight: 7}"),
        lambda: Path(TRADE).touch(),
        lambda: edit(TRADE, "response: Order", "response: Ordre"),
        lambda: edit(TRADE, "response: Ordre", "response: Order"),
    )
    result = CliRunner().invoke(app, ["generate", "--watch", "--out", "src"])
    assert result.exit_code == 0
    lines = without_times(result.stdout)
    assert lines[0].startswith("src/example_exchange: ")
    assert lines[1:] == [
        "watching spec; Ctrl-C ends",
        "src/example_exchange: 4 written",
        "  __init__.py",
        "  margined/operations/trade.py",
        "  margined/rest/trade.py",
        "  margined/rest_async/trade.py",
        "spec/margined/operations/trade.yaml:34:15: unknown-type: there is no type 'Ordre'; did you mean 'Order'?",
        "src/example_exchange: left as it is",
        "src/example_exchange: nothing to change",
        "",
    ]
    assert watched == [[Path("spec"), RUNTIME]]


def test_the_command_watches_even_when_the_spec_is_wrong_at_first(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(TRADE, "response: Order", "response: Ordre")
    watching(monkeypatch, lambda: edit(TRADE, "response: Ordre", "response: Order"))
    result = CliRunner().invoke(app, ["generate", "--watch"])
    assert (result.exit_code, without_times(result.stdout)[1]) == (0, "generated: left as it is")
    assert (project / "generated" / "example_exchange" / "plain" / "client.py").exists()


@pytest.mark.parametrize("arguments", [("--check",), ("--diff",), ("--only", "nothing"), ("--templates", "nowhere")])
def test_options_that_watching_has_no_use_for_are_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    watched = watching(monkeypatch)
    assert CliRunner().invoke(app, ["generate", "--watch", *arguments]).exit_code == 2
    assert not watched


def test_a_missing_library_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["generate", "--watch"])
    assert result.exit_code == 1
    assert "pip install 'binance-derivatives[generator]'" in result.stderr


# --- What the system tells ---


@pytest.fixture
def alarm() -> Iterator[Event]:
    """Ends watching that sees nothing, so that a test fails and does not hang."""
    rung = Event()
    timer = Timer(20, rung.set)
    timer.start()
    yield rung
    timer.cancel()


def test_saves_are_seen_in_files_new_folders_and_replaced_folders(tmp_path: Path, alarm: Event) -> None:
    spec, templates = tmp_path / "spec", tmp_path / "templates"
    spec.mkdir()
    seen = saves([spec, templates], alarm)
    next(seen)
    for place in (spec / "exchange.yaml", spec / "product" / "product.yaml"):
        place.parent.mkdir(exist_ok=True)
        place.write_text("a: 1")
        next(seen)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    spec.rename(tmp_path / "old")
    fresh.rename(spec)
    next(seen)
    templates.mkdir()
    next(seen)
    (templates / "module.py.jinja").write_text("a")
    next(seen)
    assert not alarm.is_set()


@pytest.mark.parametrize("name", [".trade.yaml.swp", "trade.yaml~", "__pycache__/tree.pyc"])
def test_files_of_editors_and_of_python_are_no_saves(name: str) -> None:
    assert not watch._is_source(f"/project/spec/{name}")
    assert watch._is_source("/project/spec/trade.yaml")
