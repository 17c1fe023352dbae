"""A listen key stays open as long as a stream uses it."""

from __future__ import annotations

from attrs import define

from specwright.runtime.websocket.listen_key import KeysInUse


@define(eq=False)
class KeyUser:
    """A stream, whose event loop may be closed."""

    is_over: bool = False


def test_the_last_stream_that_leaves_a_key_is_told_so() -> None:
    keys = KeysInUse()
    first, second, other = KeyUser(), KeyUser(), KeyUser()
    keys.take("k1", first)
    keys.take("k1", second)
    keys.take("k2", other)

    assert [keys.leave("k1", first), keys.leave("k2", other), keys.leave("k1", second)] == [False, True, True]


def test_streams_that_will_never_leave_a_key_do_not_keep_it_open() -> None:
    keys = KeysInUse()
    left_behind, dropped, last = KeyUser(), KeyUser(), KeyUser()
    for user in (left_behind, dropped, last):
        keys.take("k1", user)
    left_behind.is_over = True
    del user, dropped

    assert keys.leave("k1", last)
