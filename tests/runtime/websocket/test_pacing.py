"""At most so many control messages leave in any stretch of a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.websocket.pacing import RollingWindow


def test_a_burst_up_to_the_limit_leaves_at_once_and_the_next_message_waits_for_the_first_to_age() -> None:
    window = RollingWindow(limit=2, seconds=1.0)
    window.sent(10.0)
    window.sent(10.5)

    assert window.free_at(10.5) == 11.0


@given(
    limit=st.integers(1, 6),
    wishes=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=40),
)
def test_no_window_of_a_second_ever_holds_more_than_the_limit(limit: int, wishes: list[float]) -> None:
    window = RollingWindow(limit, seconds=1.0)
    now, sent = 0.0, []
    for wish in wishes:
        now = max(now, window.free_at(now + wish))
        window.sent(now)
        sent.append(now)

    busiest = max(sum(1 for other in sent if start <= other < start + 0.999) for start in sent)
    assert busiest <= limit
