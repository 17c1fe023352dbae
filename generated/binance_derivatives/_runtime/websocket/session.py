"""The session of one route: keeps a set of streams subscribed over connections that come and go. No I/O.

The set of wanted streams is the truth, a connection is disposable. There is one connection, or for a short time two:
before the exchange cuts a connection for its age, a second one is dialled, and each stream is handed over (`splice`).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import BinanceError, ConnectionLost, TransportError
from .backoff import ReconnectPolicy
from .conversation import Conversation
from .gaps import tell_stalled
from .leg import Leg
from .legs import Legs
from .line import Close, Dial, Effect, Line, ignore
from .pacing import RollingWindow
from .subscription import Consumer, Cut, Subscription
from .wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..clock import Clock
    from ..product import Connections
    from .address import Address, Deliver

__all__ = ["StreamSession"]


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
        self._on_failure = on_failure
        self._effects: list[Effect] = []
        self._wanted = Wanted(clock)
        self._legs = Legs(
            self._wanted,
            self._dial,
            self._effects,
            clock=clock,
            lifetime=limits.lifetime_ms / 1000,
            policy=policy or ReconnectPolicy(),
            jitter=jitter,
        )
        self._dialled = 0
        self.attention: Callable[[], None] = lambda: None
        """Called when a message gives reason to `wake` soon; set by whoever carries this machine."""
        self._conversation = Conversation(
            self._wanted,
            self._legs,
            self._effects,
            shutdown_event=limits.shutdown_event,
            reject=self._reject,
            attention=lambda: self.attention(),
        )

    @property
    def reconnects(self) -> int:
        """Connections that replaced a lost one."""
        return self._wanted.reconnects

    @property
    def rollovers(self) -> int:
        """Connections that took over without a gap."""
        return self._legs.rollovers

    @property
    def unclaimed(self) -> int:
        """Messages that are no payload of a wanted stream and no answer."""
        return self._conversation.unclaimed

    # --- What is wanted -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, name: str) -> bool:
        return name in self._wanted

    @property
    def is_open(self) -> bool:
        """Whether there is a connection now."""
        return self._legs.current is not None and self._legs.current.opened_at is not None

    @property
    def was_open(self) -> bool:
        """Whether there ever was a connection for the streams that are wanted now."""
        return self._legs.were_open

    def add(self, name: str, consumer: Consumer, sink: Deliver, silence: float | None = None) -> None:
        """Wants a stream for a consumer; `silence`: seconds after which it is taken for stalled. Then `wake`."""
        subscription = self._wanted.get(name)
        if subscription is None:
            subscription = self._wanted[name] = Subscription(name, silence)
            self._resume(subscription)
        subscription.consumers[consumer] = sink
        self._share(subscription)
        if any(name in leg.active for leg in self._legs):
            consumer.ready(name)
        if subscription.gap_since is not None:
            consumer.lost(name)

    def remove(self, name: str, consumer: Consumer) -> None:
        """Stops wanting a stream for a consumer. Then `wake`."""
        subscription = self._wanted.get(name)
        if subscription is None or subscription.consumers.pop(consumer, None) is None:
            return
        if subscription.consumers:
            self._share(subscription)
            return
        del self._wanted[name]
        self._legs.handover.forget(name)
        self._legs.watch.forget(name)
        for leg in self._legs:
            # What is on its way is let go of without a second look, until the exchange has unsubscribed it.
            leg.route(name, ignore)

    def hold(self) -> None:
        """Stops reading until `release`. Meanwhile silence says nothing: nobody is taken for silent or late."""
        self._legs.hold()

    def release(self) -> None:
        """Goes on reading."""
        self._legs.release()
        self.attention()

    def redial(self, reason: str) -> None:
        """Replaces the connection, with a gap: what it is subscribed to has come to an end. Then `wake`."""
        if self._legs.current is not None:
            self._wanted.note_gap(self._legs.current, reason)
        self._legs.drop()

    def _resume(self, subscription: Subscription) -> None:
        """A stream is wanted again that a connection still brings, or has been asked for: nothing is to be sent."""
        name, old, new = subscription.name, self._legs.current, self._legs.next
        if old is not None and new is not None and new.expects(name):
            self._legs.handover.join(old, new, [name])
        elif old is not None and old.expects(name):
            old.route(name, subscription.deliver)

    def _share(self, subscription: Subscription) -> None:
        """A consumer came or went: what leads to the consumers leads to those of now."""
        subscription.share()
        if subscription.name not in self._legs.handover:
            self._legs.watch.forget(subscription.name)
            for leg in self._legs:
                if leg.routes.get(leg.key(subscription.name), ignore) is not ignore:
                    leg.route(subscription.name, subscription.deliver)

    # --- What happened ------------------------------------------------------------------------------------------------

    def opened(self, line: Line) -> None:
        """A dialled connection stands."""
        leg = self._legs.find(line)
        if leg is None:
            self._effects.append(Close(line))
            return
        self._legs.stands(leg)
        self._wanted.activate(leg, leg.url_names)

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
        if not self._wanted:
            self._legs.drop()
            self._legs.forget_failures()
            return
        now = self._clock.monotonic()
        if not self._legs.is_held:
            self._check_answers(now)
            self._check_silence(now)
            self._legs.check_takeover(now)
        self._legs.dial_what_is_due(now)
        asked = self._asked()
        if asked is not None:
            self._conversation.ask(asked, now)

    def take(self) -> list[Effect]:
        """The effects since the last call."""
        effects = self._effects[:]
        self._effects.clear()
        return effects

    def deadline(self) -> float | None:
        """Monotonic time of the next thing to do."""
        if not self._wanted:
            return None
        times = self._legs.deadlines()
        if not self._legs.is_held:
            times += [request.deadline for leg in self._legs for request in leg.requests.values()]
        asked = self._asked()
        if asked is not None and asked.next_batch(self._wanted) is not None:
            times.append(asked.window.free_at(self._clock.monotonic()))
        return min((time for time in times if time is not None), default=None)

    def _asked(self) -> Leg | None:
        """The connection that is asked for changes; None: there is none that can be asked."""
        return self._legs.newest if self._address.can_subscribe else None

    def _dial(self) -> Leg:
        self._dialled += 1
        leg = Leg(self._dialled, key=self._address.key, window=RollingWindow(self._limits.messages_per_second))
        url, leg.url_names = self._address.url(self._wanted)
        leg.host = urlsplit(url).hostname or "?"
        leg.receive = self._first_receiver(leg)
        self._effects.append(Dial(leg, url))
        return leg

    def _first_receiver(self, leg: Leg) -> Deliver:
        """For the first message: it may come with the answer to the handshake, and a gap stands before it."""
        receive = self._address.receiver(leg.routes, lambda message: self._conversation.hear(leg, message))

        def receive_first(messages: Sequence[bytes]) -> None:
            if leg.is_over:
                return
            leg.receive = receive
            if leg.opened_at is None:
                self._wanted.activate(leg, leg.url_names)
            receive(messages)

        return receive_first

    def _gone(self, line: Line, error: TransportError) -> None:
        leg = self._legs.find(line)
        if leg is None:
            return
        leg.silence()
        if self._on_failure is not None:
            self._on_failure(error)
        if not self._legs.gone(leg, error):
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        self._legs.drop()
        self._wanted.fail(error)

    def _reject(self, name: str, error: BaseException) -> None:
        subscription = self._wanted.get(name)
        for consumer in list(subscription.consumers) if subscription is not None else ():
            self.remove(name, consumer)
            consumer.fail(error)

    def _check_answers(self, now: float) -> None:
        for leg in self._legs:
            overdue = [request for request in leg.requests.values() if now >= request.deadline]
            if overdue:
                error = ConnectionLost(f"{leg.host} did not answer a request in time: {overdue[0].method}")
                self._effects.append(Close(leg, error))
                self._gone(leg, error)

    def _check_silence(self, now: float) -> None:
        if self._legs.current is None or self._legs.next is not None:
            return
        watched = [each for each in self._wanted.values() if each.name not in self._legs.handover]
        stalled = self._legs.watch.check(self._legs.current, watched, now)
        cut = Cut("the stream had stalled")
        for subscription, since in stalled:
            subscription.missing(since, cut)
        tell_stalled(stalled, self._clock.time())
        if stalled:
            self._legs.replace()
