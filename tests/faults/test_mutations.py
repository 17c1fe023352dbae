"""Thousands of random changes to replies, through every model of the package: no crash, and nothing is lost.

`SPECWRIGHT_MUTATIONS=10000` makes that many instead of the few that fit into every run.
"""

from __future__ import annotations

import json
import logging
import os
import random
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from binance_derivatives import to_json, to_wire
from binance_derivatives._runtime.codec import decoder
from binance_derivatives._runtime.drift import DriftReport
from binance_derivatives._runtime.model import Model, UnknownVariant
from binance_derivatives.usds_futures import models
from drifting import json_text

from .mutations import Composer, gives_back, mutate

if TYPE_CHECKING:
    from binance_derivatives._runtime.wire import JsonValue

NAMESPACE = "binance_derivatives.usds_futures"
NAMES = sorted(name for name in models.__all__ if isinstance(getattr(models, name), type))
MUTATIONS = int(os.environ.get("SPECWRIGHT_MUTATIONS", "1500"))
PARTS = 6
"""So that a failure names a part that is quickly repeated, and parts run side by side."""
OFTEN = 10
"""Every tenth reply comes four times, after which the decoder has learnt to expect its drift."""


def decode(name: str, sent: JsonValue, report: DriftReport) -> object:
    return decoder(name, NAMESPACE).decode(json_text(sent), report=report)


def exactly(text: bytes) -> object:
    """A document whose numbers are compared to the last digit, however they are written."""
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_change_of_a_reply_loses_anything(part: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    chance = random.Random(f"drift {part}")
    composer = Composer(NAMESPACE, chance)
    for number in range(part, MUTATIONS, PARTS):
        name = NAMES[number % len(NAMES)]
        sent = mutate(composer.fitting(name), chance)
        report = DriftReport()

        values = [decode(name, sent, report) for _ in range(4 if number % OFTEN == 0 else 1)]

        case = f"{number}: {name} from {sent!r}"
        for value in values:
            assert type(value) is getattr(models, name), case
            assert gives_back(to_wire(value), sent), case
            assert exactly(to_json(value)) == exactly(json_text(to_wire(value))), case
            assert repr(value) == repr(values[0]), case


@pytest.mark.parametrize("name", NAMES)
def test_what_fits_is_read_strictly_and_given_back(name: str) -> None:
    composer = Composer(NAMESPACE, random.Random(name))
    for _ in range(3):
        sent = composer.fitting(name)

        value = decoder(name, NAMESPACE).decode(json_text(sent), strict=True)

        assert isinstance(value, Model)
        assert not isinstance(value, UnknownVariant)
        assert gives_back(to_wire(value), sent)
