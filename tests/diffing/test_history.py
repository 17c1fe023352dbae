"""The spec's own history: every step can be compared, and says what its commit says."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.diffing.compare import Change, compare_specs
from specwright.diffing.trees import NoSuchTree, read_tree
from specwright.diffing.version import suggested_bump

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec

ROOT = Path(__file__).parents[2]
KNOWN = "8a1f800"
"""A commit whose changes are known; a shallow clone does not have it."""


def has(revision: str) -> bool:
    try:
        done = subprocess.run(
            ["git", "cat-file", "-e", f"{revision}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0


@cache
def spec_of(revision: str) -> Spec:
    spec = read_tree(revision, ROOT / "spec").spec
    assert spec is not None
    return spec


def changes(old: str, new: str) -> list[Change]:
    return compare_specs(spec_of(old), spec_of(new))


needs_history = pytest.mark.skipif(not has(f"{KNOWN}~1"), reason="the git history is not there")


@needs_history
@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("231c3ea~1", "231c3ea", "major"),  # An error's class got another name.
        ("1a904e4~1", "1a904e4", "minor"),  # Trading, the account and the error codes were described.
        ("974e823~1", "974e823", "major"),  # Market data came, and an enum gave its name to a model.
        ("0d2016a~1", "0d2016a", "patch"),  # A sentence was made plainer.
        ("16aadd4~1", "16aadd4", "patch"),  # Items of all-market frames are told apart.
    ],
)
def test_a_commit_asks_for_its_version(old: str, new: str, bump: str) -> None:
    assert suggested_bump(changes(old, new)) == bump


@needs_history
def test_a_commit_is_told_by_what_it_changed() -> None:
    told = [
        f"{change.verdict.level} {change.kind} {change.path} {change.fact}"
        for change in changes("16aadd4~1", "16aadd4")
    ]
    assert told == [
        "internal stream streams.mark_price_all latest_key",
        "internal stream streams.mini_ticker_all latest_key",
        "internal stream streams.ticker_all latest_key",
        "internal stream streams.asset_index_all latest_key",
    ]


@needs_history
def test_what_came_between_two_revisions_went_the_other_way_round() -> None:
    added = {change.path for change in changes("974e823", "1a904e4") if change.action == "added"}
    removed = {change.path for change in changes("1a904e4", "974e823") if change.action == "removed"}
    assert added == removed
    assert len(added) > 100


@needs_history
def test_a_revision_before_the_spec_is_refused() -> None:
    with pytest.raises(NoSuchTree):
        read_tree(f"{KNOWN}~200", ROOT / "spec")
