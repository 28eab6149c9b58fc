"""One request on its way: from its place in line over one or more attempts to the end of its answer."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lemma_inference.admission import ENGINE_PRIORITY, Seat, Ticket, Yanked
from lemma_inference.engines.grammar import Guard
from lemma_inference.engines.protocol import Ask, Delta, EmbedAsk, Embeddings, Usage
from lemma_inference.errors import EngineAbsent, EngineUnavailable, ServiceError
from lemma_inference.fleet import House, Member
from lemma_inference.metering import Account, Finish
from lemma_inference.telemetry import Telemetry

AnyAsk = TypeVar("AnyAsk", Ask, EmbedAsk)

# How often a request is sent again because a replica was lost.
FURTHER_TRIES = 2
# A lone replica that has just been lost needs a moment until it is noticed to be gone, or back.
BREATH = 0.2


@dataclass(slots=True)
class Request:
    """What is known of one request, and what has been seen of its answer."""

    house: House
    ask: Ask | EmbedAsk
    ticket: Ticket
    account: Account
    telemetry: Telemetry
    whole: bool = True
    outcome: Finish = "failed"
    error: str = ""
    replica: str = ""
    usage: Usage = field(default_factory=Usage)
    # Whether a part of the answer has been given out, so that it cannot be unsaid.
    shown: bool = False
    tries_left: int = FURTHER_TRIES
    began: float = field(default_factory=time.monotonic)
    sent: float = 0.0
    last: float = 0.0

    async def answer(self) -> AsyncGenerator[Delta, None]:
        """The parts of the answer, once."""
        async with self._settled():
            while True:
                try:
                    async with self._seat() as seat, aclosing(self._attempt(seat)) as deltas:
                        async for delta in deltas:
                            self.shown = True
                            yield delta
                    return
                except (Yanked, EngineUnavailable) as error:
                    await self._start_over(error)

    async def embed(self) -> Embeddings:
        """The vectors, in one piece."""
        ask = self.ask
        assert isinstance(ask, EmbedAsk)  # noqa: S101 - chosen by the caller
        async with self._settled():
            while True:
                try:
                    async with self._seat() as seat, self._watched(seat) as member, seat.interruptible():
                        found = await member.engine.embed(self._at_its_level(ask))
                        self._count(found.usage, seat)
                except (Yanked, EngineUnavailable) as error:
                    await self._start_over(error)
                else:
                    self.outcome = "stop"
                    return found

    def _at_its_level(self, ask: AnyAsk) -> AnyAsk:
        """Research beyond its reservation is no more urgent to the engine than to the line. What the engine
        does belongs to the trace of this attempt."""
        priority, traceparent = ENGINE_PRIORITY[self.ticket.level], self.telemetry.traceparent()
        if ask.priority == priority and ask.traceparent == traceparent:
            return ask
        return replace(ask, priority=priority, traceparent=traceparent)

    @asynccontextmanager
    async def _seat(self) -> AsyncIterator[Seat]:
        came = time.monotonic()
        async with self.house.admission.seat(self.ticket) as seat:
            self.replica, self.sent, self.last = seat.replica, time.monotonic(), 0.0
            self.account.sent(seat.replica)
            waited, model = self.sent - came, self.house.served.id
            self.telemetry.dispatched(self.ticket.caller, model, waited, seat.replica)
            yield seat

    async def _attempt(self, seat: Seat) -> AsyncGenerator[Delta, None]:
        """One replica's answer. Nothing is given out while the request may still be taken back."""
        ask = self.ask
        assert isinstance(ask, Ask)  # noqa: S101 - chosen by the caller
        guard = await asyncio.to_thread(Guard, ask.grammar) if ask.grammar is not None else None
        async with self._watched(seat) as member:
            held: list[Delta] = []
            async with aclosing(member.engine.generate(self._at_its_level(ask))) as deltas:
                async with seat.interruptible():
                    async for delta in deltas:
                        self._saw(delta, seat, member, guard)
                        held.append(delta)
                        if not (self.whole or seat.borrowed):
                            break
                for delta in held:
                    yield delta
                async for delta in deltas:
                    self._saw(delta, seat, member, guard)
                    yield delta

    def _saw(self, delta: Delta, seat: Seat, member: Member, guard: Guard | None) -> None:
        """The next part of the answer. Raises `GrammarBroken` where the grammar does not allow it."""
        now = time.monotonic()
        if not self.last:
            member.breaker.succeeded()
            self.telemetry.first_token(self.ticket.caller, self.house.served.id, now - self.began)
        else:
            self.telemetry.token_gap(self.ticket.caller, self.house.served.id, now - self.last)
        self.last = now
        self._count(delta.usage, seat)
        if guard:
            guard.follow(delta.text)
            # A stop word may end the answer before the grammar does.
            if delta.finish == "stop" and isinstance(self.ask, Ask) and not self.ask.stop:
                guard.finish()
        if delta.finish:
            self.outcome = delta.finish

    def _count(self, usage: Usage | None, seat: Seat) -> None:
        if usage is not None:
            self.usage = usage
            self.account.saw(usage)
        seat.progress(usage)

    @asynccontextmanager
    async def _watched(self, seat: Seat) -> AsyncIterator[Member]:
        """What becomes of an attempt says how the replica is."""
        member = self.house.members[seat.replica]
        member.breaker.sent()
        try:
            yield member
        except EngineUnavailable:
            member.breaker.failed()
            self.ticket.avoid.add(seat.replica)
            raise
        except ServiceError:  # It answered, if only with a refusal.
            member.breaker.succeeded()
            raise
        except BaseException:
            member.breaker.abandoned()
            raise
        else:
            member.breaker.succeeded()
            self.house.retries.earn()

    async def _start_over(self, error: Yanked | EngineUnavailable) -> None:
        """Raises the error where the request cannot be made again."""
        caller, model = self.ticket.caller, self.house.served.id
        if isinstance(error, Yanked):
            self.telemetry.yanked(caller, model, self.usage.prompt)
        else:
            self._spend_a_try(error)
            self.telemetry.failed_over(model, self.replica)
            if not self.house.has_another(self.ticket.avoid):
                await asyncio.sleep(BREATH)
        self.account.restart(self.replica)
        self.usage, self.outcome = Usage(), "failed"

    def _spend_a_try(self, error: EngineUnavailable) -> None:
        """Raises the error where there is none left. To find nobody there costs none, being no load on any
        engine, for as long as a request may wait for a replica."""
        if isinstance(error, EngineAbsent) and not self.shown:
            if time.monotonic() - self.began < self.house.admission.policy.patience:
                return
            raise error
        if self.shown or not self.tries_left or not self.house.may_retry(self.ticket.avoid):
            raise error
        self.tries_left -= 1

    @asynccontextmanager
    async def _settled(self) -> AsyncIterator[None]:
        """Around all attempts: in line, counted, and closed in the books whatever happens."""
        self.telemetry.queued(self.ticket.caller, self.house.served.id, self.account.id)
        try:
            with self.house.admission.visit(self.ticket):
                yield
        except (asyncio.CancelledError, GeneratorExit):
            # The client is gone; but a stream that is closed after its last part was complete.
            self.outcome = self.outcome if self.outcome in {"stop", "length"} else "aborted"
            raise
        except ServiceError as error:
            self.outcome = "refused" if error.status < 500 else "failed"
            self.error = error.code
            if not self.sent:
                self.telemetry.rejected(self.ticket.caller, self.house.served.id, error.code)
            raise
        except BaseException:
            self.outcome = "failed"
            raise
        finally:
            self.account.close(self.outcome, self.replica)
            self.telemetry.finished(
                self.ticket.caller,
                self.house.served.id,
                self.error or self.outcome,
                time.monotonic() - self.began,
                self.usage,
            )
