"""A session keeps its streams subscribed, whatever happens to its connections: lists of inputs, no network."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import define, field

from specwright.runtime.errors import ConnectError, ConnectionLost, HandshakeRejected, RequestRejected
from specwright.runtime.websocket.address import CombinedStreams
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.line import Close, Dial, Line, Ping, Send
from specwright.runtime.websocket.notices import Reconnected, Stalled
from specwright.runtime.websocket.session import StreamSession

from .doubles import EPOCH, LIMITS, Consumer, ManualClock

CUT = ConnectionLost("the cable was cut")
START_MS = int(EPOCH * 1000)
SHUTDOWN = b'{"e":"serverShutdown","E":1770123456789}'


@define(eq=False)
class Network:
    """Carries out what the session wants, and does to it what a test wants."""

    clock: ManualClock = field(factory=ManualClock)
    session: StreamSession = field(init=False)
    dials: list[Dial] = field(factory=list)
    sent: list[tuple[float, Line, dict[str, Any]]] = field(factory=list)
    closed: list[Line] = field(factory=list)
    deaf: set[Line] = field(factory=set)
    """Connections on which no ping is answered."""
    consumer: Consumer = field(factory=Consumer)
    policy: ReconnectPolicy = field(factory=lambda: ReconnectPolicy(base=1.0))

    def __attrs_post_init__(self) -> None:
        address = CombinedStreams("wss://host/market")
        self.session = StreamSession(address, LIMITS, clock=self.clock, policy=self.policy, jitter=lambda: 0.5)

    def act(self) -> None:
        self.session.wake()
        for effect in self.session.take():
            if isinstance(effect, Dial):
                self.dials.append(effect)
            elif isinstance(effect, Send):
                self.sent.append((self.clock.now, effect.line, json.loads(effect.text)))
            elif isinstance(effect, Close):
                self.closed.append(effect.line)
            elif isinstance(effect, Ping) and effect.line not in self.deaf:
                effect.line.whole_until = self.clock.now
                self.act()

    def want(self, *names: str, consumer: Consumer | None = None, silence: float | None = None) -> None:
        consumer = consumer or self.consumer
        for name in names:
            self.session.add(name, consumer, consumer.take, silence)
        self.act()

    @property
    def line(self) -> Line:
        """The connection that was dialled last."""
        return self.dials[-1].line

    def open(self) -> Line:
        self.line.whole_until = self.clock.now
        self.session.opened(self.line)
        self.act()
        return self.line

    def lose(self, line: Line) -> None:
        self.session.lost(line, CUT)
        self.act()

    def hold(self) -> None:
        """Reading stops: a consumer takes its time."""
        self.session.hold()
        self.act()

    def release(self) -> None:
        self.session.release()
        self.act()

    def answer(self, **fields: Any) -> None:
        """The exchange answers the last control message."""
        _, line, message = self.sent[-1]
        line.receive([json.dumps({"id": message["id"], **(fields or {"result": None})}).encode()])
        self.act()

    def say(self, line: Line, stream: str, number: int) -> bytes:
        payload = b'{"u":%d}' % number
        line.heard_at = self.clock.time()
        line.receive([b'{"stream":"%s","data":%s}' % (stream.encode(), payload)])
        return payload

    def wait(self, seconds: float) -> None:
        """Time passes; the session acts at each of its deadlines."""
        end = self.clock.now + seconds
        while (deadline := self.session.deadline()) is not None and deadline <= end:
            self.clock.now = max(self.clock.now, deadline)
            self.act()
        self.clock.now = end
        self.act()


def test_the_first_streams_stand_in_the_url_and_are_ready_when_it_is_open() -> None:
    network = Network()
    network.want("btcusdt@aggTrade", "币安usdt@aggTrade")
    assert [dial.url for dial in network.dials] == [
        "wss://host/market/stream?streams=btcusdt@aggTrade/%E5%B8%81%E5%AE%89usdt@aggTrade"
    ]
    assert network.consumer.is_ready == set()

    network.open()

    assert network.consumer.is_ready == {"btcusdt@aggTrade", "币安usdt@aggTrade"}
    assert network.sent == []


def test_more_streams_than_a_url_holds_are_subscribed_in_batches_at_the_allowed_pace() -> None:
    network = Network()
    names = [f"symbol{number:04}usdt@aggTrade" for number in range(1_000)]
    network.want(*names)
    in_url = len(network.dials[0].url.split("/"))
    network.open()
    answered = 0
    for _ in range(50):
        for _, line, message in network.sent[answered:]:
            line.receive([json.dumps({"result": None, "id": message["id"]}).encode()])
        answered = len(network.sent)
        network.wait(0.1)

    assert network.consumer.is_ready == set(names)
    assert len(network.dials[0].url) <= 4_000
    assert sum(len(message["params"]) for _, _, message in network.sent) >= len(names) - in_url
    times = [time for time, _, _ in network.sent]
    assert max(sum(1 for other in times if time <= other < time + 1) for time in times) <= LIMITS.messages_per_second


def test_a_stream_that_is_wanted_later_is_subscribed_over_the_open_connection() -> None:
    network = Network()
    network.want("btcusdt@aggTrade")
    network.open()

    network.want("币安usdt@aggTrade")

    assert [message for _, _, message in network.sent] == [
        {"method": "SUBSCRIBE", "params": ["币安usdt@aggTrade"], "id": 1}
    ]
    assert "币安usdt@aggTrade" not in network.consumer.is_ready
    network.answer()
    assert "币安usdt@aggTrade" in network.consumer.is_ready


def test_a_stream_that_nobody_wants_any_more_is_unsubscribed_and_the_last_one_closes_the_connection() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade", "b@trade")
    network.want("a@trade", consumer=other)
    line = network.open()

    network.session.remove("a@trade", network.consumer)
    network.session.remove("b@trade", network.consumer)
    network.act()
    assert [message["params"] for _, _, message in network.sent] == [["b@trade"]]
    assert network.closed == []

    network.session.remove("a@trade", other)
    network.act()
    assert network.closed == [line]


@pytest.mark.parametrize("asked_by", ["URL", "message"])
def test_a_stream_that_is_left_before_the_exchange_has_acknowledged_it_is_unsubscribed_then(asked_by: str) -> None:
    network = Network()
    network.want("a@trade", *(["b@trade"] if asked_by == "URL" else []))
    if asked_by == "message":
        network.open()
        network.want("b@trade")
    network.session.remove("b@trade", network.consumer)
    network.act()
    if asked_by == "message":
        network.answer()
    else:
        network.open()

    _, _, message = network.sent[-1]
    assert (message["method"], message["params"]) == ("UNSUBSCRIBE", ["b@trade"])
    network.answer()
    assert network.sent[-1][2] is message, "that is all"


def test_a_stream_that_is_wanted_again_before_its_unsubscription_is_answered_is_subscribed_anew() -> None:
    network = Network()
    again = Consumer()
    network.want("a@trade", "b@trade")
    line = network.open()
    network.session.remove("b@trade", network.consumer)
    network.act()

    network.want("b@trade", consumer=again)
    network.say(line, "b@trade", 1)
    assert again.is_ready == set(), "the exchange may have ended it already"
    network.answer()
    assert [message["method"] for _, _, message in network.sent] == ["UNSUBSCRIBE", "SUBSCRIBE"]
    network.answer()
    payload = network.say(line, "b@trade", 3)

    assert again.is_ready == {"b@trade"}
    assert again.items == [payload], "what came before it was ready might be followed by a hole"


def test_in_a_takeover_the_old_connection_carries_what_is_wanted_again_until_the_new_one_does() -> None:
    network = Network()
    again = Consumer()
    network.want("a@trade", "b@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    network.wait(9)
    network.session.remove("b@trade", network.consumer)
    network.act()
    assert network.sent[-1][1] is new

    network.want("b@trade", consumer=again)
    network.wait(2)
    assert again.is_ready == {"b@trade"}
    assert network.closed == [], "the overlap has passed, but the new connection does not carry the stream"
    expected = [network.say(old, "b@trade", 1)]
    network.answer()
    network.answer()
    network.say(old, "b@trade", 2)
    network.say(new, "b@trade", 2)
    network.act()
    assert network.closed == [old]
    expected += [b'{"u":2}', network.say(new, "b@trade", 3)]

    assert again.items == expected


def test_two_consumers_of_one_stream_share_its_subscription() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade")
    network.want("a@trade", consumer=other)
    line = network.open()
    payload = network.say(line, "a@trade", 1)

    assert network.consumer.items == other.items == [payload]
    assert network.sent == []


def test_a_rejected_subscription_fails_its_consumer_and_nobody_else() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade")
    network.open()
    network.want("b@trade", "nonsense", "c@trade", consumer=other)
    for position in range(20):
        if position < len(network.sent):
            _, line, message = network.sent[position]
            fault = {"error": {"code": 2, "msg": "Invalid request: unknown stream"}}
            answer = fault if "nonsense" in message["params"] else {"result": None}
            line.receive([json.dumps({"id": message["id"], **answer}).encode()])
        network.wait(0.5)

    assert isinstance(other.error, RequestRejected)
    assert (other.error.code, other.error.message) == (2, "Invalid request: unknown stream")
    assert network.consumer.error is None


def test_after_a_loss_everything_is_subscribed_again_and_the_gap_is_told_in_its_place() -> None:
    network = Network()
    network.want("a@trade", "b@trade")
    line = network.open()
    network.clock.advance(5)
    before = network.say(line, "a@trade", 1)
    network.clock.advance(3)
    network.lose(line)
    network.wait(0.5)
    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    network.clock.advance(1)
    line = network.open()
    after = network.say(line, "a@trade", 2)

    assert network.consumer.items == [
        before,
        Reconnected(("a@trade", "b@trade"), START_MS + 5_000, START_MS + 9_500, "the cable was cut"),
        after,
    ]


def test_a_gap_is_told_before_an_event_that_comes_together_with_the_answer_to_the_handshake() -> None:
    network = Network()
    network.want("a@trade")
    before = network.say(network.open(), "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.lose(network.line)
    network.wait(60)
    now = int(network.clock.time() * 1000)
    early = network.say(network.line, "a@trade", 3)
    after = network.say(network.open(), "a@trade", 4)

    gap = Reconnected(("a@trade",), heard, now, "the cable was cut")
    assert network.consumer.items == [before, gap, early, after]


def test_frames_of_a_lost_connection_that_come_late_are_not_delivered() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.lose(line)

    network.say(line, "a@trade", 1)

    assert network.consumer.items == []


def test_a_thousand_losses_in_a_row_leave_one_connection_and_one_subscription() -> None:
    network = Network()
    network.want("a@trade")
    for _ in range(1_000):
        network.lose(network.open())
        network.wait(60)
    network.open()

    assert len(network.dials) == 1_001
    assert network.session.reconnects == 1_000
    assert network.consumer.error is None


def test_the_first_connection_that_fails_is_an_error_at_once() -> None:
    network = Network()
    network.want("a@trade")
    rejected = HandshakeRejected("no", status=401)
    network.session.failed(network.line, rejected)
    network.act()

    assert network.consumer.error is rejected
    assert network.session.deadline() is None


def test_later_failures_are_tried_again_with_growing_pauses() -> None:
    network = Network()
    network.want("a@trade")
    network.lose(network.open())
    pauses = []
    for _ in range(4):
        start = network.clock.now
        deadline = network.session.deadline()
        assert deadline is not None
        network.clock.now = deadline
        network.act()
        pauses.append(deadline - start)
        network.session.failed(network.line, ConnectError("refused"))
    network.act()

    assert pauses == [0.5, 1.0, 2.0, 4.0]
    assert network.consumer.error is None


def test_a_connection_that_does_not_answer_a_subscribe_is_replaced() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.want("b@trade")
    network.wait(10)

    assert network.closed == [line]
    network.wait(0.5)
    assert len(network.dials) == 2


def test_before_the_cut_a_second_connection_takes_over_without_loss_or_repetition() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    expected = [network.say(old, "a@trade", 1)]
    network.wait(24 * 3600 - 600)
    assert len(network.dials) == 2
    expected.append(network.say(old, "a@trade", 2))
    new = network.open()
    network.say(new, "a@trade", 3)
    expected += [network.say(old, "a@trade", 3), network.say(new, "a@trade", 4)]
    network.say(old, "a@trade", 4)
    network.wait(10)
    expected.append(network.say(new, "a@trade", 5))

    assert network.consumer.items == expected
    assert network.closed == [old]
    assert network.session.rollovers == 1


def test_when_the_old_connection_breaks_during_the_takeover_nothing_is_missing_either() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    network.clock.advance(1)
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.lose(old)
    expected.append(network.say(new, "a@trade", 2))

    assert network.consumer.items == expected


def test_when_the_old_connection_breaks_before_the_new_one_is_subscribed_the_gap_is_told() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.lose(old)
    network.clock.advance(1)
    after = network.say(network.open(), "a@trade", 3)

    assert network.consumer.items == [
        before,
        Reconnected(("a@trade",), heard, heard + 1000, "the cable was cut"),
        after,
    ]


def test_a_second_connection_that_cannot_be_made_is_tried_again_while_the_first_one_goes_on() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    network.session.failed(network.line, ConnectError("refused"))
    payload = network.say(old, "a@trade", 1)
    network.wait(60)

    assert network.consumer.items == [payload]
    assert len(network.dials) == 3


def test_a_stream_that_is_subscribed_during_the_takeover_is_delivered_once() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    network.want("b@trade")
    network.answer()
    payload = network.say(new, "b@trade", 1)
    network.wait(10)

    assert network.consumer.items == [payload]
    assert network.sent[-1][1] is new
    assert network.closed == [old]


def in_flight_at_the_takeover() -> tuple[Network, Line, Line]:
    """A takeover that began before the old connection answered to the subscription of b@trade; both connections."""
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 900 - 1)
    network.want("b@trade")
    network.wait(1)
    assert [message["params"] for _, line, message in network.sent if line is old] == [["b@trade"]]
    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    return network, old, network.line


def test_a_subscription_that_is_in_flight_when_the_takeover_begins_is_ready_when_the_new_connection_is() -> None:
    network, old, new = in_flight_at_the_takeover()

    network.answer()
    network.say(old, "b@trade", 1)
    assert "b@trade" not in network.consumer.is_ready
    network.open()
    assert "b@trade" in network.consumer.is_ready
    network.say(old, "b@trade", 2)
    payload = network.say(new, "b@trade", 2)
    network.wait(10)

    assert network.consumer.items == [payload], "from the first event that the new connection brings, each once"
    assert network.closed == [old]


def test_a_stream_that_is_wanted_just_as_the_takeover_begins_is_delivered_once() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    old.receive([SHUTDOWN])
    network.want("b@trade")
    asked_of_old = network.sent[-1][2]
    new = network.open()
    old.receive([json.dumps({"id": asked_of_old["id"], "result": None}).encode()])
    network.say(old, "b@trade", 1)
    payload = network.say(new, "b@trade", 1)

    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    assert network.consumer.items == [payload]


def test_a_gap_whose_subscription_is_in_flight_when_the_takeover_begins_ends_with_the_new_connection() -> None:
    network = Network()
    network.want(*(f"{'x' * 60}{number:03}@trade" for number in range(100)))
    last = list(network.session._wanted)[-1]
    network.open()
    network.answer()
    network.lose(network.line)
    network.wait(60)
    old = network.open()
    asked_of_old = network.sent[-1]
    old.receive([SHUTDOWN])
    network.act()
    new = network.open()
    assert [(line, last in message["params"]) for _, line, message in network.sent[-2:]] == [(old, True), (new, True)]
    told = len(network.consumer.items)

    old.receive([json.dumps({"id": asked_of_old[2]["id"], "result": None}).encode()])
    network.say(old, last, 1)
    assert network.consumer.items[told:] == [], "what the new connection will not bring may still be missing"
    network.clock.advance(1)
    network.answer()
    payload = network.say(new, last, 3)

    gap, *payloads = network.consumer.items[told:]
    assert isinstance(gap, Reconnected)
    assert last in gap.streams
    assert gap.until == int(network.clock.time() * 1000)
    assert payloads == [payload]


def test_a_subscription_that_is_in_flight_is_ready_where_it_is_when_the_takeover_fails() -> None:
    network, old, new = in_flight_at_the_takeover()

    network.session.failed(new, ConnectError("refused"))
    network.act()
    network.answer()
    payload = network.say(old, "b@trade", 1)

    assert "b@trade" in network.consumer.is_ready
    assert network.consumer.items == [payload]


def test_a_silent_stream_is_reported_and_dialled_again_while_the_others_go_on() -> None:
    network = Network()
    network.want("a@trade", "b@trade", silence=4.0)
    old = network.open()
    for number in range(6):
        network.say(old, "b@trade", number)
        network.wait(1.0)
    told = [item for item in network.consumer.items if not isinstance(item, bytes)]
    assert told == [Stalled(("a@trade",), START_MS, START_MS + 4_000)]
    assert len(network.dials) == 2
    new = network.open()
    network.say(new, "b@trade", 5)
    network.say(new, "a@trade", 1)

    told = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    assert told == [Reconnected(("a@trade",), START_MS, START_MS + 6_000, "the stream had stalled")]
    payloads = [item for item in network.consumer.items if isinstance(item, bytes)]
    assert payloads == [b'{"u":%d}' % number for number in range(6)] + [b'{"u":1}']


def test_a_stream_that_stays_silent_is_not_dialled_again_all_the_time() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    network.open()
    for _ in range(600):
        before = len(network.dials)
        network.wait(1.0)
        if len(network.dials) > before:
            network.open()

    assert len(network.dials) < 20


# --- Held for a consumer that takes its time --------------------------------------------------------------------------


def test_streams_of_a_connection_that_is_held_are_not_taken_for_stalled() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    network.open()
    network.hold()
    network.wait(300)
    network.release()
    network.wait(3.9)
    assert network.consumer.items == []

    network.wait(2.1)
    assert [type(item) for item in network.consumer.items] == [Stalled]


def test_an_answer_that_lies_unread_is_not_overdue_until_it_could_have_been_read() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.want("b@trade")
    network.hold()
    network.wait(300)
    network.release()
    network.wait(9.9)
    assert network.closed == []

    network.wait(0.1)
    assert network.closed == [line]


def test_a_takeover_is_over_only_when_what_was_held_could_have_been_read() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    network.hold()
    network.wait(300)
    assert network.closed == []
    network.release()
    network.wait(9.9)
    expected = [network.say(old, "a@trade", 1), network.say(old, "a@trade", 2)]
    network.say(new, "a@trade", 2)
    network.wait(0.1)
    expected.append(network.say(new, "a@trade", 3))

    assert network.closed == [old]
    assert network.consumer.items == expected


def test_a_connection_that_is_lost_after_it_was_held_has_a_gap_from_then_on() -> None:
    """The exchange gave it up while nobody read: when the rest of it was read says nothing about what is missing."""
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.wait(5)
    network.hold()
    network.wait(900)
    network.release()
    late = network.say(line, "a@trade", 1)
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 5_000, START_MS + 905_500, "the cable was cut")
    assert network.consumer.items == [late, gap]


def test_a_connection_that_has_caught_up_since_it_was_held_has_a_gap_from_when_it_was_last_heard() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.hold()
    network.wait(100)
    network.release()
    line.whole_until = network.clock.monotonic()
    network.wait(7)
    payload = network.say(line, "a@trade", 1)
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 107_000, START_MS + 107_500, "the cable was cut")
    assert network.consumer.items == [payload, gap]


def test_a_server_that_announces_its_shutdown_is_left_before_it_goes() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    old.receive([SHUTDOWN])
    network.act()
    assert len(network.dials) == 2
    new = network.open()
    payload = network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.lose(old)

    assert network.consumer.items == [payload]


# --- A connection that is behind the one it replaced ------------------------------------------------------------------


def behind_the_one_it_replaced() -> tuple[Network, Line]:
    """A connection that has taken over, and has still to repeat the last event that the old one brought; and it."""
    network = Network()
    network.want("a@trade", silence=60.0)
    old = network.open()
    old.receive([SHUTDOWN])
    network.act()
    new = network.open()
    network.wait(9)
    network.say(old, "a@trade", 1)
    network.wait(1)
    assert network.closed == [old]
    return network, new


def test_what_was_delivered_is_not_delivered_again_when_another_consumer_comes() -> None:
    network, line = behind_the_one_it_replaced()
    second = Consumer()
    network.want("a@trade", consumer=second)
    network.say(line, "a@trade", 1)
    payload = network.say(line, "a@trade", 2)

    assert network.consumer.items == [b'{"u":1}', payload]
    assert second.items == [payload]


def test_what_was_delivered_is_not_delivered_again_in_the_next_takeover() -> None:
    network, line = behind_the_one_it_replaced()
    line.receive([SHUTDOWN])
    network.act()
    newest = network.open()
    network.say(line, "a@trade", 1)
    expected = [network.say(line, "a@trade", 2), network.say(line, "a@trade", 3)]
    network.say(newest, "a@trade", 3)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 4))

    assert network.consumer.items == [b'{"u":1}', *expected]


def test_what_was_delivered_is_not_delivered_again_when_the_next_takeover_fails() -> None:
    network, line = behind_the_one_it_replaced()
    line.receive([SHUTDOWN])
    network.act()
    network.session.failed(network.line, ConnectError("refused"))
    network.act()
    network.say(line, "a@trade", 1)
    payload = network.say(line, "a@trade", 2)

    assert network.consumer.items == [b'{"u":1}', payload]


def test_a_connection_that_is_lost_has_nothing_to_repeat_any_more() -> None:
    network, line = behind_the_one_it_replaced()
    network.lose(line)
    network.wait(1)
    line = network.open()
    second = Consumer()
    network.want("a@trade", consumer=second)
    payload = network.say(line, "a@trade", 2)

    assert second.items == [payload]
    assert network.consumer.items[-1] == payload


def test_a_stream_that_is_left_and_wanted_again_has_nothing_to_repeat_any_more() -> None:
    network, line = behind_the_one_it_replaced()
    again = Consumer()
    network.session.remove("a@trade", network.consumer)
    network.want("a@trade", consumer=again)
    line.receive([SHUTDOWN])
    network.act()
    newest = network.open()
    expected = [network.say(line, "a@trade", 2)]
    assert again.items == expected
    network.say(newest, "a@trade", 2)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 3))

    assert again.items == expected


def test_a_connection_that_has_repeated_everything_is_watched_for_silence_again() -> None:
    network, line = behind_the_one_it_replaced()
    network.say(line, "a@trade", 1)
    network.say(line, "a@trade", 2)
    network.act()
    network.wait(100)

    assert [type(item) for item in network.consumer.items] == [bytes, bytes, Stalled]


def test_a_server_that_announces_its_shutdown_on_the_connection_that_takes_over_is_left_then() -> None:
    network = Network()
    network.want("a@trade")
    network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    new.receive([SHUTDOWN])
    network.act()
    assert len(network.dials) == 2
    network.wait(10)

    assert len(network.dials) == 3


# --- What a takeover proves -------------------------------------------------------------------------------------------


def taking_over(*names: str) -> tuple[Network, Line, Line]:
    """A takeover in which both connections carry the streams; both connections."""
    network = Network()
    network.want(*names)
    old = network.open()
    network.wait(24 * 3600 - 600)
    return network, old, network.open()


def test_a_stream_of_which_nothing_comes_is_taken_over_without_a_word() -> None:
    network, old, new = taking_over("a@trade", "b@trade")
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.wait(10)
    expected += [network.say(new, "b@trade", 1), network.say(new, "a@trade", 2)]

    assert network.closed == [old]
    assert network.consumer.items == expected


def test_streams_of_which_all_is_known_to_go_on_need_no_ping() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.wait(10)

    assert network.closed == [old]
    assert network.consumer.items == [b'{"u":1}']


def test_a_quiet_connection_is_left_only_when_it_answers() -> None:
    network, old, _ = taking_over("a@trade")
    network.deaf.add(old)
    network.wait(30)
    assert network.closed == []

    old.whole_until = network.clock.now
    network.wait(1)

    assert network.closed == [old]
    assert network.consumer.items == []


def test_a_quiet_connection_that_turns_out_to_be_dead_has_a_gap_from_when_it_was_last_heard() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.wait(30)
    now = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, now, "the cable was cut")]
    assert network.dials[-1].line is new


def test_what_waits_behind_a_connection_that_turns_out_to_be_dead_is_delivered_behind_the_gap() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.wait(5)
    after = network.say(new, "a@trade", 3)
    network.wait(25)
    assert network.consumer.items == [before]
    now = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, now, "the cable was cut"), after]
    assert network.session.rollovers == 0


def test_when_one_stream_has_stalled_because_its_connection_is_dead_the_others_have_a_gap_too() -> None:
    network = Network()
    network.session.add("b@trade", network.consumer, network.consumer.take)
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.deaf.add(old)
    before = network.say(old, "b@trade", 1)
    network.wait(6)
    new = network.open()
    after = network.say(new, "b@trade", 3)
    network.wait(30)
    network.lose(old)

    gaps = {item.streams: item.since for item in network.consumer.items if isinstance(item, Reconnected)}
    assert gaps == {("a@trade",): START_MS, ("b@trade",): START_MS}
    payloads = [item for item in network.consumer.items if isinstance(item, bytes)]
    assert payloads == [before, after]


def test_a_stream_that_the_new_connection_alone_brings_has_no_second_gap_when_the_old_one_breaks() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(6)
    network.open()
    told = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    network.lose(old)

    assert [item for item in network.consumer.items if isinstance(item, Reconnected)] == told
    assert len(told) == 1


def test_a_connection_that_breaks_before_the_new_one_was_asked_for_all_its_streams_has_a_gap() -> None:
    network = Network()
    network.want(*(f"{'x' * 60}{number:03}@trade" for number in range(100)))
    network.open()
    network.answer()
    network.wait(24 * 3600 - 600)
    old = network.dials[0].line
    in_url = network.line.url_names  # type: ignore[attr-defined]
    network.lose(old)
    network.open()
    network.answer()

    gaps = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    assert [len(gap.streams) for gap in gaps] == [len(in_url), 100 - len(in_url)]


@pytest.mark.parametrize("is_open", [False, True], ids=["being dialled", "open"])
def test_a_stream_that_is_wanted_again_at_once_in_a_takeover_is_delivered_once(is_open: bool) -> None:
    network = Network()
    again = Consumer()
    network.want("a@trade", "b@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open() if is_open else network.line
    network.session.remove("b@trade", network.consumer)
    network.want("b@trade", consumer=again)
    if not is_open:
        network.open()
    expected = [network.say(old, "b@trade", 1), network.say(old, "b@trade", 2)]
    network.say(new, "b@trade", 2)
    network.wait(10)
    expected.append(network.say(new, "b@trade", 3))

    assert network.sent == []
    assert again.is_ready == {"b@trade"}
    assert again.items == expected


def test_a_second_consumer_of_a_stream_that_the_new_connection_alone_brings_gets_each_event_once() -> None:
    network, old, new = in_flight_at_the_takeover()
    second = Consumer()
    network.answer()
    network.open()
    network.want("b@trade", consumer=second)
    network.say(old, "b@trade", 1)
    payload = network.say(new, "b@trade", 1)

    assert second.items == network.consumer.items == [payload]


def test_a_takeover_is_not_proven_by_time_but_by_an_event_that_both_connections_bring() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(24 * 3600 - 600)
    new = network.open()
    network.clock.advance(1)
    before = network.say(old, "a@trade", 1)
    after = network.say(new, "a@trade", 3)
    heard = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, heard, "the cable was cut"), after]


def test_a_connection_that_is_lost_when_it_was_to_be_replaced_is_replaced_by_one_alone() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.clock.advance(24 * 3600)
    network.lose(old)
    network.wait(60)

    assert len(network.dials) == 2


@pytest.mark.parametrize(
    "message", [b"\xff\xfe", b"{", b"[]", b"{}", b'{"stream":"other","data":{}}', b'{"id":99,"result":null}', b"null"]
)
def test_messages_that_nobody_asked_for_change_nothing(message: bytes) -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()

    line.receive([message])

    assert network.consumer.items == []
    payload = network.say(line, "a@trade", 1)
    assert network.consumer.items == [payload]
    assert network.session.unclaimed == 1


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"stream":"a@trade","data":{"u":1}}',
        b'{ "stream": "a@trade", "data": {"u":1} }',
        b'{"data":{"u":1},"stream":"a@trade"}',
        b'{"stream":"\\u0061@trade","data":{"u":1}}',
        b'{"stream":"a@trade","data":{"u":1}}\n',
    ],
)
def test_an_envelope_may_be_written_in_any_way(envelope: bytes) -> None:
    network = Network()
    network.want("a@trade")
    network.open().receive([envelope])

    assert network.consumer.items == [b'{"u":1}']


def test_thirty_days_of_life_need_one_takeover_a_day_and_no_gap() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    expected = []
    for number in range(30 * 24 * 60):
        before = len(network.dials)
        network.wait(60.0)
        if len(network.dials) > before:
            line = network.open()
        expected.append(network.say(line, "a@trade", number))

    assert network.consumer.items == expected
    assert network.session.rollovers == 30
    assert network.session.reconnects == 0


def test_what_is_not_wanted_any_more_makes_room_before_more_is_asked_for() -> None:
    network = Network()
    network.want("a@trade", "b@trade")
    network.open()
    network.session.remove("a@trade", network.consumer)
    network.want("c@trade")

    assert [(message["method"], message["params"]) for _, _, message in network.sent] == [
        ("UNSUBSCRIBE", ["a@trade"]),
        ("SUBSCRIBE", ["c@trade"]),
    ]


def test_a_message_that_is_nested_beyond_reading_is_left_out() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    line.receive([b'{"x":' + b"[" * 100_000])
    network.act()

    assert network.session.unclaimed == 1
