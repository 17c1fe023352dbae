"""Truncated and garbled pages give less, and never an error."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specwright.importer.editing import append_entry
from specwright.importer.knowledge import Knowledge
from specwright.importer.openapi.convert import convert, file_text
from specwright.importer.openapi.document import Document
from specwright.importer.page.reading import read_page
from specwright.importer.page.recognise import recognise
from specwright.importer.workspace import Workspace

from . import pages
from .bicycles import BICYCLES

if TYPE_CHECKING:
    from specwright.importer.knowledge import Plain

ALL = [getattr(pages, name) for name in pages.__all__]


def imported(page: str) -> str:
    """Everything that an import of a page does, without files."""
    workspace = Workspace(Knowledge(routes={"/public": "public"}, enums={"Side": ["BUY", "SELL"]}), merging=False)
    for document in read_page(page):
        for entry in recognise(document, workspace.knowledge):
            workspace.take(entry)
    return "".join(workspace.fresh_texts().values())


@pytest.mark.parametrize("page", ALL, ids=pages.__all__)
def test_a_page_cut_off_anywhere(page: str) -> None:
    for end in range(0, len(page), 41):
        imported(page[:end])


@pytest.mark.parametrize("page", ALL, ids=pages.__all__)
def test_a_page_with_pieces_missing_doubled_and_moved(page: str) -> None:
    chance = random.Random(len(page))
    for _ in range(40):
        lines = page.splitlines(keepends=True)
        for _ in range(chance.randint(1, 6)):
            index = chance.randrange(len(lines))
            match chance.randrange(4):
                case 0:
                    lines[index] = lines[index][: chance.randint(0, len(lines[index]))]
                case 1:
                    lines.insert(index, lines[chance.randrange(len(lines))])
                case 2:
                    lines[index] = lines[index].translate(str.maketrans('{}[]<>|"`#', '}{][><"|#`'))
                case _:
                    lines[index] = "".join(chance.choice("{}[]<>|\"'`#*\\ \t,:\0\u200b𝒳0") for _ in range(30)) + "\n"
        imported("".join(lines))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(ALL),
    st.text(st.sampled_from("{}[]()<>|`#*-_\"':,./\\\n\t 0123456789aeGETPOSTé默认，：最大<table><td><pre>")),
    st.integers(0, 4000),
)
def test_noise_within_a_page(page: str, noise: str, place: int) -> None:
    imported(page[:place] + noise + page[place:])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "string", "#/components/schemas/Order", "a b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$ref", "type", "items", "properties", "enum", "oneOf", "allOf", "schema", "name", "in", "x-kind"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.lists(JSON, min_size=1, max_size=4))
def test_an_openapi_document_with_nonsense_in_it(chance: random.Random, nonsense: list[Plain]) -> None:
    import copy

    root = copy.deepcopy(BICYCLES)
    for piece in nonsense:
        node: Plain = root
        while isinstance(node, dict | list) and node:
            keys: list[str | int] = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = chance.choice(keys)
            child = node[key]  # type: ignore[index]
            if not isinstance(child, dict | list) or chance.random() < 0.15:
                node[key] = piece  # type: ignore[index]
                break
            node = child

    conversion = convert(Document(root))

    for content in conversion.files.values():
        file_text(content)
    append_entry("", "models", "X", {"a": 1})
