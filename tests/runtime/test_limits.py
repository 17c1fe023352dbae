"""A ledger grants what fits, counts what was sent, and believes the exchange."""

from __future__ import annotations

import json
import os
import threading

from manual_clock import ManualClock
from specwright.runtime.limits import (
    Charge,
    LocalLedger,
    Observation,
    Refusal,
    Reservation,
    observed_rate_limits,
)
from specwright.runtime.product import Budget

from .weight_budget import INTERVAL, LIMIT, WEIGHT, weight

ORDERS = Budget("orders", 3, 10_000, "account", rate_limit_type="ORDERS")


def granted(answer: Reservation | Refusal) -> Reservation:
    assert isinstance(answer, Reservation)
    return answer


def refused(answer: Reservation | Refusal) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


def test_a_cost_counts_until_one_interval_after_its_reply() -> None:
    clock = ManualClock()
    ledger = LocalLedger(clock)
    reservation = granted(ledger.reserve(weight(LIMIT)))
    clock.now += 30
    ledger.settle(reservation, {})
    clock.now += INTERVAL

    wait = refused(ledger.reserve(weight(1))).wait
    assert wait is not None
    assert 0 < wait <= 0.002 + 1e-9  # the margin for clocks that run unequally
    clock.now += 0.003
    assert isinstance(ledger.reserve(weight(LIMIT)), Reservation)


def test_a_call_that_was_never_sent_gives_its_cost_back() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.cancel(granted(ledger.reserve(weight(LIMIT))))

    assert isinstance(ledger.reserve(weight(LIMIT)), Reservation)


def test_settling_or_cancelling_twice_counts_once() -> None:
    ledger = LocalLedger(ManualClock())
    reservation = granted(ledger.reserve(weight(5)))
    ledger.settle(reservation, {})
    ledger.settle(reservation, {})
    ledger.cancel(reservation)

    assert ledger.state(weight(0))[0].used == 5


def test_a_cost_above_the_limit_never_fits() -> None:
    ledger = LocalLedger(ManualClock())

    assert refused(ledger.reserve(weight(LIMIT + 1))) == Refusal("weight", LIMIT + 1, 0, LIMIT, wait=None)


def test_of_several_budgets_all_are_charged_or_none() -> None:
    ledger = LocalLedger(ManualClock())
    order = (Charge(WEIGHT, "test:ip", 1), Charge(ORDERS, "test:account", 1))
    for _ in range(3):
        granted(ledger.reserve(order))

    assert refused(ledger.reserve(order)).budget == "orders"
    assert [state.used for state in ledger.state(order)] == [3, 3]


def test_accounts_have_budgets_of_their_own() -> None:
    ledger = LocalLedger(ManualClock())
    for account in ("alice", "bob"):
        granted(ledger.reserve((Charge(ORDERS, account, 3),)))

    assert refused(ledger.reserve((Charge(ORDERS, "alice", 1),))).used == 3


def test_a_figure_of_the_exchange_shows_what_others_use() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})

    state = ledger.state(weight(0))[0]
    assert (state.used, state.left) == (15, 5)
    assert refused(ledger.reserve(weight(6))).used == 15


def test_services_that_count_for_themselves_do_not_overwrite_each_others_figures() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)}, source="rest")
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(2)}, source="ws_api")

    assert ledger.state(weight(0))[0].used == 16


def test_an_older_figure_that_arrives_late_does_not_replace_a_newer_one() -> None:
    ledger = LocalLedger(ManualClock())
    slow = granted(ledger.reserve(weight(1)))
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})
    ledger.settle(slow, {"weight": Observation(1)})

    assert ledger.state(weight(0))[0].used == 16


def test_a_newer_figure_replaces_an_older_one() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(1)})

    assert ledger.state(weight(0))[0].used == 2


def test_the_exchange_can_change_a_limit() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(1, limit=5)})

    assert refused(ledger.reserve(weight(5))).limit == 5


def test_a_blocked_budget_refuses_calls_without_cost_too() -> None:
    clock = ManualClock()
    ledger = LocalLedger(clock)
    ledger.block(weight(0), 30.0, banned=True)

    assert refused(ledger.reserve(weight(0))) == Refusal("weight", 0, 0, LIMIT, wait=30.0, banned=True)
    assert ledger.state(weight(0))[0].left == 0
    clock.now += 30.0
    assert isinstance(ledger.reserve(weight(0)), Reservation)


def test_force_takes_what_does_not_fit_and_still_counts_it() -> None:
    ledger = LocalLedger(ManualClock())
    granted(ledger.reserve(weight(LIMIT)))
    granted(ledger.reserve(weight(7), force=True))

    assert ledger.state(weight(0))[0].used == LIMIT + 7


def test_threads_share_a_budget_without_overdrawing_it() -> None:
    ledger = LocalLedger(ManualClock())
    given: list[Reservation] = []

    def spend() -> None:
        for _ in range(LIMIT):
            answer = ledger.reserve(weight(1))
            if isinstance(answer, Reservation):
                given.append(answer)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(given) == LIMIT


def test_a_forked_child_counts_the_parents_calls_as_answered_and_is_not_locked_out() -> None:
    ledger = LocalLedger()
    granted(ledger.reserve(weight(4)))
    readable, writable = os.pipe()
    ledger._lock.acquire()  # as if another thread were at it
    child = os.fork()
    if child == 0:
        state = ledger.state(weight(0))[0]
        os.write(writable, f"{state.used} {state.resets_in > 0}".encode())
        os._exit(0)
    ledger._lock.release()
    os.waitpid(child, 0)

    assert os.read(readable, 100) == b"4 True"


def test_rate_limits_of_the_websocket_api_are_matched_to_budgets() -> None:
    rate_limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 7},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300, "count": 2},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200, "count": 9},
        {"rateLimitType": "SOMETHING_NEW", "interval": "FORTNIGHT", "intervalNum": 1, "limit": 1, "count": 1},
    ]

    minute = Budget("weight", 2400, 60_000, "ip", rate_limit_type="REQUEST_WEIGHT")

    assert observed_rate_limits({"weight": minute, "orders": ORDERS}, json.dumps(rate_limits).encode()) == {
        "weight": Observation(7, 2400),
        "orders": Observation(2, 300),
    }
