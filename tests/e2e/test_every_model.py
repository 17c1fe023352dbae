"""Every model of the generated client, with random values that fit it and with random drift.

A seeded generator instead of Hypothesis: ten thousand changed replies take seconds, and a failure names its number.
"""

from __future__ import annotations

import logging
from random import Random

import pytest

from binance_derivatives._runtime.codec import decoder, to_json, to_wire
from binance_derivatives._runtime.drift import DriftReport, load
from binance_derivatives._runtime.encoding import is_same
from binance_derivatives._runtime.model import Model
from binance_derivatives.usds_futures import models
from drifting import json_text

from ..faults.mutations import Composer, gives_back, mutate

PRODUCT = "binance_derivatives.usds_futures"
EVERYTHING = {name: getattr(models, name) for name in models.__all__}
MODELS = sorted(name for name, item in EVERYTHING.items() if isinstance(item, type) and issubclass(item, Model))
CHANGED_REPLIES = 10_000


@pytest.mark.parametrize("name", MODELS)
def test_what_fits_a_model_decodes_strictly_and_encodes_back_the_same(name: str) -> None:
    composer, decode = Composer(PRODUCT, Random(name)), decoder(name, PRODUCT).decode

    for _ in range(20):
        sent = composer.fitting(name)
        received = decode(json_text(sent), strict=True)

        assert is_same(to_wire(received), sent)
        assert is_same(load(to_json(received)), sent)


def test_ten_thousand_changed_replies_lose_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    reports = {name: DriftReport() for name in MODELS}

    for number in range(CHANGED_REPLIES):
        random = Random(number)
        name = MODELS[number % len(MODELS)]
        sent = mutate(Composer(PRODUCT, random).fitting(name), random)

        # Often the same report, as a client has it: what it has learnt must not change what is read.
        received = decoder(name, PRODUCT).decode(json_text(sent), report=reports[name])

        assert type(received) is EVERYTHING[name], (number, name, sent)
        assert gives_back(to_wire(received), sent), (number, name, sent)
