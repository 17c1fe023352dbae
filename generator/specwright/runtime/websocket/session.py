"""The session of one route: keeps a set of streams subscribed over connections that come and go. No I/O.

The set of wanted streams is the truth, a connection is disposable. There is one connection, or for a short time two:
before the exchange cuts a connection for its age, a second one is dialled, and each stream is handed over (`splice`).
"""

from __future__ import annotations

import logging
import math
import random
from typing import TYPE_CHECKING

import msgspec

from ..errors import BinanceError, ConnectionLost, RequestRejected, TransportError
from .backoff import Backoff, ReconnectPolicy
from .control import ControlMessage, announces_shutdown
from .gaps import tell_gaps, tell_stalled
from .handover import Handover
from .leg import Leg
from .line import Close, Dial, Effect, Hold, Line, Ping, Release, Send, ignore
from .pacing import RollingWindow
from .subscription import Consumer, Subscription
from .watch import SilenceWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..clock import Clock
    from ..product import Connections
    from .address import Address, Deliver
    from .control import Fault
    from .leg import Request

__all__ = ["StreamSession"]

logger = logging.getLogger(__name__)

_OVERLAP = 10.0
"""Seconds that an old connection is kept beside the one that takes over, for frames that are still on their way."""
_LOOK_AGAIN = 1.0
"""Seconds between looks for the answer of a ping that decides about a takeover."""


class StreamSession:
    """Decides what to dial, subscribe, hand over and report.

    Args:
        address: Where the streams are found.
        limits: The exchange's limits for connections.
        clock: Local time.
        policy: When to try again.
        jitter: A random number from [0, 1).
        on_failure: Told of each connection that failed or was lost.
    """

    def __init__(
        self,
        address: Address,
        limits: Connections,
        *,
        clock: Clock,
        policy: ReconnectPolicy | None = None,
        jitter: Callable[[], float] = random.random,
        on_failure: Callable[[TransportError], None] | None = None,
    ) -> None:
        self._address = address
        self._limits = limits
        self._clock = clock
        self._policy = policy or ReconnectPolicy()
        self._jitter = jitter
        self._on_failure = on_failure
        self._backoff = Backoff(self._policy, jitter)
        self._rollover_backoff = Backoff(self._policy, jitter)
        self._subscriptions: dict[str, Subscription] = {}
        self._current: Leg | None = None
        self._next: Leg | None = None
        self._handover = Handover(self._subscriptions)
        self._watch = SilenceWatch(clock)
        self._dial_at = clock.monotonic()
        self._roll_at: float | None = None
        self._legs_dialled = 0
        self._is_held = False
        self._look_at = -math.inf
        """Monotonic time of the next look for the answer of a ping that decides about a takeover."""
        self._effects: list[Effect] = []
        self.attention: Callable[[], None] = lambda: None
        """Called when a message gives reason to `wake` soon; set by whoever carries this machine."""
        self.reconnects = 0
        """Connections that replaced a lost one."""
        self.rollovers = 0
        """Connections that took over without a gap."""
        self.unclaimed = 0
        """Messages that are no payload of a wanted stream and no answer."""

    # --- What is wanted -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._subscriptions)

    def __contains__(self, name: str) -> bool:
        return name in self._subscriptions

    @property
    def is_open(self) -> bool:
        """Whether there is a connection now."""
        return self._current is not None and self._current.opened_at is not None

    @property
    def was_open(self) -> bool:
        """Whether there ever was a connection for the streams that are wanted now."""
        return self._backoff.ever_open

    def add(self, name: str, consumer: Consumer, sink: Deliver, silence: float | None = None) -> None:
        """Wants a stream for a consumer; `silence`: seconds after which it is taken for stalled. Then `wake`."""
        subscription = self._subscriptions.get(name)
        if subscription is None:
            subscription = self._subscriptions[name] = Subscription(name, silence)
            self._resume(subscription)
        subscription.consumers[consumer] = sink
        self._share(subscription)
        if any(name in leg.active for leg in self._legs()):
            consumer.ready(name)

    def remove(self, name: str, consumer: Consumer) -> None:
        """Stops wanting a stream for a consumer. Then `wake`."""
        subscription = self._subscriptions.get(name)
        if subscription is None or subscription.consumers.pop(consumer, None) is None:
            return
        if subscription.consumers:
            self._share(subscription)
            return
        del self._subscriptions[name]
        self._handover.forget(name)
        self._watch.forget(name)
        for leg in self._legs():
            # What is on its way is let go of without a second look, until the exchange has unsubscribed it.
            leg.route(name, ignore)

    def hold(self) -> None:
        """Stops reading until `release`. Meanwhile silence says nothing: nobody is taken for silent or late."""
        self._is_held = True
        for leg in self._legs():
            if leg.opened_at is not None:
                self._hold(leg)

    def release(self) -> None:
        """Goes on reading."""
        self._is_held = False
        self._watch.clear()
        now = self._clock.monotonic()
        for leg in self._legs():
            if leg.opened_at is not None:
                leg.release(now)
                self._effects.append(Release(leg))
        if self._next is not None and self._next.whole_at is not None:
            self._next.whole_at = now
        self.attention()

    def redial(self, reason: str) -> None:
        """Replaces the connection, with a gap: what it is subscribed to has come to an end. Then `wake`."""
        if self._current is not None:
            self._note_gap(self._current, reason)
        self._drop_legs()

    # --- What happened ------------------------------------------------------------------------------------------------

    def opened(self, line: Line) -> None:
        """A dialled connection stands."""
        leg = self._mine(line)
        if leg is None:
            self._effects.append(Close(line))
            return
        leg.opened_at = self._clock.monotonic()
        leg.heard_at = self._clock.time()
        if self._is_held:
            self._hold(leg)
        if leg is self._current:
            self._settled(leg)
        self._activate(leg, leg.url_names)

    def failed(self, line: Line, error: TransportError) -> None:
        """A connection could not be opened."""
        self._gone(line, error)

    def lost(self, line: Line, error: TransportError) -> None:
        """A connection ended by itself."""
        self._gone(line, error)

    def broken(self, error: BinanceError) -> None:
        """Nothing can go on."""
        self._give_up(error)

    def wake(self) -> None:
        """Does what is due."""
        if not self._subscriptions:
            self._drop_legs()
            self._backoff = Backoff(self._policy, self._jitter)
            return
        now = self._clock.monotonic()
        if not self._is_held:
            self._check_answers(now)
            self._check_silence()
            self._check_takeover(now)
        self._dial_what_is_due(now)
        self._subscribe(now)

    def take(self) -> list[Effect]:
        """The effects since the last call."""
        effects, self._effects = self._effects, []
        return effects

    def deadline(self) -> float | None:
        """Monotonic time of the next thing to do."""
        if not self._subscriptions:
            return None
        now = self._clock.monotonic()
        times: list[float | None] = []
        if self._current is None:
            times.append(self._dial_at)
        elif self._next is None:
            times.append(self._roll_at)
        if not self._is_held:
            takes_over_at = self._takes_over_at()
            times.append(None if takes_over_at is None else max(takes_over_at, self._look_at))
            times.append(self._watch.deadline())
            times += [request.deadline for leg in self._legs() for request in leg.requests.values()]
        asked = self._asked()
        if asked is not None and asked.next_batch(self._subscriptions) is not None:
            times.append(asked.window.free_at(now))
        return min((time for time in times if time is not None), default=None)

    # --- Connections --------------------------------------------------------------------------------------------------

    def _legs(self) -> list[Leg]:
        return [leg for leg in (self._current, self._next) if leg is not None]

    def _mine(self, line: Line) -> Leg | None:
        return next((leg for leg in self._legs() if leg is line), None)

    def _dial_what_is_due(self, now: float) -> None:
        if self._current is None:
            if now >= self._dial_at:
                self._current = self._dial()
                self._route(self._current, self._current.url_names)
        elif self._next is None and self._roll_at is not None and now >= self._roll_at:
            self._watch.clear()
            self._next = self._dial()
            self._handover.join(self._current, self._next, self._next.url_names)

    def _dial(self) -> Leg:
        self._legs_dialled += 1
        leg = Leg(self._legs_dialled, key=self._address.key, window=RollingWindow(self._limits.messages_per_second))
        url, leg.url_names = self._address.url(self._subscriptions)
        leg.receive = self._first_receiver(leg)
        self._effects.append(Dial(leg, url))
        return leg

    def _first_receiver(self, leg: Leg) -> Deliver:
        """For the first message: it may come with the answer to the handshake, and a gap stands before it."""
        receive = self._address.receiver(leg.routes, lambda message: self._other(leg, message))

        def receive_first(messages: Sequence[bytes]) -> None:
            if leg.is_over:
                return
            leg.receive = receive
            if leg.opened_at is None:
                self._activate(leg, leg.url_names)
            receive(messages)

        return receive_first

    def _settled(self, leg: Leg) -> None:
        """The leg is the session's connection now: plans its end, some minutes early and not all at the same time."""
        assert leg.opened_at is not None
        self._backoff.opened(leg.opened_at)
        life = 0.0 if leg.shuts_down else self._limits.lifetime_ms / 1000
        self._roll_at = leg.opened_at + life - min(600.0, life / 10) * (1 + self._jitter())

    def _gone(self, line: Line, error: TransportError) -> None:
        leg = self._mine(line)
        if leg is None:
            return
        leg.silence()
        if self._on_failure is not None:
            self._on_failure(error)
        now = self._clock.monotonic()
        if leg is self._next:
            self._next = None
            self._stay(leg)
            pause = self._rollover_backoff.failed(now, error)
            self._roll_at = now + (self._policy.cap if pause is None else pause)
        elif self._next is not None:
            self._promote(error)
        else:
            self._note_gap(leg, str(error))
            self._current = self._roll_at = None
            self._handover.clear()
            self._watch.clear()
            pause = self._backoff.failed(now, error)
            if pause is None:
                self._give_up(error)
            else:
                self._dial_at = now + pause

    def _takes_over_at(self) -> float | None:
        """When the second connection may take over, if nothing happens; None: there is none, or it lacks streams."""
        old, leg = self._current, self._next
        if old is None or leg is None or leg.whole_at is None:
            return None
        lacks = any(name in self._subscriptions and name not in leg.active for name in old.active)
        return None if lacks else leg.whole_at + _OVERLAP

    def _check_takeover(self, now: float) -> None:
        """Lets the second connection take over when the first one was whole until long after the second one was.

        That is known of a stream of which both brought the same; of any other a ping tells. A first connection that
        does not answer is found dead in its time, and then there is a gap.
        """
        at = self._takes_over_at()
        if at is None or now < at:
            return
        old = self._current
        assert old is not None
        if self._handover.is_joined or old.whole_until is None or old.whole_until >= at:
            self._promote(None)
        else:
            self._effects.append(Ping(old))
            self._look_at = now + _LOOK_AGAIN

    def _promote(self, lost: TransportError | None) -> None:
        """The second connection becomes the only one."""
        old, leg = self._current, self._next
        assert old is not None and leg is not None
        if lost is None:
            old.silence()
            self._effects.append(Close(old))
            self.rollovers += 1
        else:
            self._handover.note_gaps(old, str(lost))
            self._tell_gaps(leg.active)
        self._current, self._next, self._roll_at = leg, None, None
        self._handover.finish(leg)
        self._rollover_backoff = Backoff(self._policy, self._jitter)
        if leg.opened_at is not None:
            self._settled(leg)

    def _stay(self, failed: Leg) -> None:
        """The second connection did not last: the first one goes on."""
        assert self._current is not None
        self._handover.abandon(self._current, failed)
        self._activate(self._current, list(self._current.active))

    def _note_gap(self, leg: Leg, reason: str) -> None:
        for name in leg.active:
            if name in self._subscriptions:
                self._subscriptions[name].missing(leg.heard_until, reason)

    def _hold(self, leg: Leg) -> None:
        leg.hold(self._clock.time())
        self._effects.append(Hold(leg))

    def _drop_legs(self) -> None:
        for leg in self._legs():
            leg.silence()
            self._effects.append(Close(leg))
        self._current = self._next = self._roll_at = None
        self._handover.clear()
        self._watch.clear()
        self._dial_at = self._clock.monotonic()

    def _give_up(self, error: BaseException) -> None:
        self._drop_legs()
        consumers = {consumer: None for each in self._subscriptions.values() for consumer in each.consumers}
        self._subscriptions.clear()
        for consumer in consumers:
            consumer.fail(error)

    # --- Streams ------------------------------------------------------------------------------------------------------

    def _resume(self, subscription: Subscription) -> None:
        """A stream is wanted again that a connection still brings, or has been asked for: nothing is to be sent."""
        name, old, new = subscription.name, self._current, self._next
        if old is not None and new is not None and new.expects(name):
            self._handover.join(old, new, [name])
        elif old is not None and old.expects(name):
            old.route(name, subscription.deliver)

    def _share(self, subscription: Subscription) -> None:
        """A consumer came or went: what leads to the consumers leads to those of now."""
        subscription.share()
        if subscription.name not in self._handover:
            self._watch.forget(subscription.name)
            for leg in self._legs():
                if leg.routes.get(leg.key(subscription.name), ignore) is not ignore:
                    leg.route(subscription.name, subscription.deliver)

    def _route(self, leg: Leg, names: Iterable[str]) -> None:
        for name in names:
            if name in self._subscriptions:
                leg.route(name, self._subscriptions[name].deliver)

    def _asked(self) -> Leg | None:
        """The connection that is asked for changes; None: there is none that can be asked."""
        leg = self._next if self._next is not None and self._next.opened_at is not None else self._current
        return leg if leg is not None and leg.opened_at is not None and self._address.can_subscribe else None

    def _subscribe(self, now: float) -> None:
        leg = self._asked()
        if leg is None:
            return
        while leg.window.free_at(now) <= now and (batch := leg.next_batch(self._subscriptions)) is not None:
            method, names = batch
            if method == "SUBSCRIBE":
                if leg is self._next and self._current is not None:
                    self._handover.join(self._current, leg, names)
                else:
                    self._route(leg, [name for name in names if not self._handover.has_left(name)])
            self._effects.append(Send(leg, leg.ask(method, names, now)))

    def _activate(self, leg: Leg, names: Iterable[str]) -> None:
        leg.active.update(dict.fromkeys(names, self._clock.time()))
        # What is not wanted any more will be unsubscribed. What another connection has been asked for meanwhile is
        # ready, and whole again, when that one answers.
        wanted = [name for name in names if name in self._subscriptions]
        names = [name for name in wanted if leg.routes.get(leg.key(name)) is not ignore]
        self._tell_gaps(names)
        for name in names:
            for consumer in list(self._subscriptions[name].consumers):
                consumer.ready(name)
        if leg.whole_at is None and all(name in leg.active for name in self._subscriptions):
            leg.whole_at = self._clock.monotonic()

    def _tell_gaps(self, names: Iterable[str]) -> None:
        known = [self._subscriptions[name] for name in names if name in self._subscriptions]
        self.reconnects += tell_gaps(known, self._clock.time())

    # --- What the exchange says ---------------------------------------------------------------------------------------

    def _other(self, leg: Leg, message: bytes) -> None:
        """A message that is no payload as it should be."""
        if leg.is_over:
            return  # One before it has ended the connection.
        said = ControlMessage.read(message)
        if said is None:
            self.unclaimed += 1
            logger.warning("a message of %d bytes is no JSON object and is left out", len(message))
        elif isinstance(said.id, int) and said.id in leg.requests:
            self._answered(leg, leg.requests.pop(said.id), said.fault)
            self.attention()
        elif said.stream in self._subscriptions and said.data is not msgspec.UNSET:
            leg.routes.get(leg.key(said.stream), self._subscriptions[said.stream].deliver)([bytes(said.data)])
        elif announces_shutdown(message):
            logger.info("the server says that it shuts down; dialling another one")
            leg.shuts_down = True
            if self._next is None and leg is self._current:
                self._roll_at = self._clock.monotonic()
                self.attention()
        else:
            self.unclaimed += 1

    def _answered(self, leg: Leg, request: Request, fault: Fault | None) -> None:
        if request.method == "UNSUBSCRIBE":
            if fault is not None:
                logger.warning("the exchange refused an UNSUBSCRIBE: %s", fault.msg)
            leg.drop(request.names, self._subscriptions)
        elif fault is None:
            self._activate(leg, request.names)
        elif len(request.names) > 1:
            leg.suspect(request.names)
        else:
            (name,) = request.names
            text = fault.msg or "the exchange gave no reason"
            self._reject(name, RequestRejected(text, code=fault.code, operation="SUBSCRIBE", request=name))

    def _reject(self, name: str, error: BaseException) -> None:
        subscription = self._subscriptions.get(name)
        for consumer in list(subscription.consumers) if subscription is not None else ():
            self.remove(name, consumer)
            consumer.fail(error)

    def _check_answers(self, now: float) -> None:
        for leg in self._legs():
            overdue = [request for request in leg.requests.values() if now >= request.deadline]
            if overdue:
                self._effects.append(Close(leg))
                self._gone(leg, ConnectionLost(f"{overdue[0].method} was not answered in time"))

    def _check_silence(self) -> None:
        if self._current is None or self._next is not None:
            return
        watched = [each for each in self._subscriptions.values() if each.name not in self._handover]
        stalled = self._watch.check(self._current, watched)
        for subscription, since in stalled:
            subscription.missing(since, "the stream had stalled")
        tell_stalled(stalled, self._clock.time())
        if stalled:
            self._roll_at = self._clock.monotonic()
