"""The contention table in simulated time: the gateway's own admission over the fake engine's own scheduler.

Nothing here is a model of the gateway. `Admission` decides as it does in service, and `Engine` steps as it
does in its process; only the clock jumps from one event to the next, and between the two there is no network.
So rows are the same on every machine, however busy, and five minutes take seconds.
"""

import asyncio
import random
import selectors
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lemma_inference.admission import ENGINE_PRIORITY, Admission, Books, Seat, Ticket, Yanked
from lemma_inference.callers import Caller
from lemma_inference.classes import RequestClass
from lemma_inference.engines.fakevllm.engine import Engine
from lemma_inference.engines.fakevllm.scheduler import BLOCK_TOKENS, Limits, Request, Scheduler
from lemma_inference.engines.fakevllm.timing import KV_BLOCKS, PRESETS
from lemma_inference.engines.protocol import Usage
from tests.bench.inference import cases
from tests.bench.inference.cases import Case
from tests.bench.inference.outcome import Outcome, product_table, table

T = TypeVar("T")
WARM_UP = 30.0


class _Jump(selectors.DefaultSelector):
    """Where others would wait, time goes on by itself."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("Everybody waits for somebody else.")
        self.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs this to its end in simulated time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)


@dataclass(eq=False)
class Call:
    """An answer that an engine writes, as whoever reads it sees it: the tokens that are there."""

    request: Request
    written: asyncio.Event = field(default_factory=asyncio.Event)

    def joined(self) -> None:
        pass

    def write(self) -> bool:
        self.written.set()
        return False

    def finished(self) -> None:
        self.written.set()


@dataclass(eq=False)
class Play:
    """One row being played."""

    case: Case
    seed: int
    engines: dict[str, Engine] = field(init=False)
    admission: Admission | None = field(init=False)
    outcome: Outcome = field(default_factory=Outcome)
    serial: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.prompts = cases.prompts(self.seed)
        names = [f"e{number}" for number in range(self.case.replicas)]
        self.engines = {name: _engine(self.case) for name in names}
        self.admission = None
        if self.case.policy is not None:
            books = [
                Books(name, cases.SEATS, cases.KV_TOKENS, self.case.home and name == "e0", lambda: True)
                for name in names
            ]
            policy = cases.policy_entry(self.case).policy(int(self.case.flags["max-num-batched-tokens"]))
            self.admission = Admission(books, policy, asyncio.get_running_loop().time)

    async def batch(self) -> None:
        """One client of the product, who always wants more."""
        while True:
            await self._ask("batch", next(self.prompts), cases.BATCH_ANSWER, None)
            self.outcome.batch_tokens += cases.BATCH_ANSWER

    async def research(self) -> None:
        """One question of research."""
        times: list[float] = []
        began = asyncio.get_running_loop().time()
        await self._ask("research", cases.RESEARCH_PROMPT, cases.RESEARCH_ANSWER, times)
        self.outcome.saw(began, times)

    async def _ask(self, level: RequestClass, prompt: int, answer: int, times: list[float] | None) -> None:
        """The whole way of one request; the times of its tokens go into `times` if it is streamed."""
        self.serial += 1
        base = self.rng.getrandbits(56) << 12
        hashes = [base + index for index in range(prompt // BLOCK_TOKENS)]
        if self.admission is None:
            call = self._submit("e0", level, prompt, answer, hashes)
            await self._read(call, "e0", times, None)
            return
        ticket = Ticket(Caller(level, level, level), prompt, answer, prefix=base)
        known = 0  # Tokens of the prompt that were read before a yank.
        with self.admission.visit(ticket):
            while True:
                try:
                    async with self.admission.seat(ticket) as seat:
                        call = self._submit(seat.replica, level, prompt, answer, hashes)
                        await self._read(call, seat.replica, times, seat)
                    self.outcome.reread += max(0, known - call.request.cached)
                    return
                except Yanked:
                    self.outcome.yanks += 1
                    if call.request.computed:
                        self.outcome.reread += max(0, known - call.request.cached)
                        known = min(call.request.computed, prompt)

    def _submit(self, name: str, level: RequestClass, prompt: int, answer: int, hashes: list[int]) -> Call:
        now = asyncio.get_running_loop().time()
        request = Request(f"{self.serial}", prompt, answer, ENGINE_PRIORITY[level], now, list(hashes))
        call = Call(request)
        request.owner = call
        self.engines[name].submit(request)
        return call

    async def _read(self, call: Call, name: str, times: list[float] | None, seat: Seat | None) -> None:
        """To the end, as `apis.request` does: a whole answer may be taken back until then, a stream until its
        first token."""
        request = call.request
        tokens = self._tokens(call)
        try:
            async with aclosing(tokens):
                if seat is None:
                    async for _ in tokens:
                        self._note(times)
                    return
                async with seat.interruptible():
                    async for _ in tokens:
                        self._note(times)
                        seat.progress(Usage(request.prompt, request.cached, request.output))
                        if times is not None and not seat.borrowed:
                            break
                async for _ in tokens:
                    self._note(times)
                    seat.progress(Usage(request.prompt, request.cached, request.output))
        finally:
            if request.finish is None:
                self.engines[name].abort(request)

    def _note(self, times: list[float] | None) -> None:
        if times is not None:
            times.append(asyncio.get_running_loop().time())

    @staticmethod
    async def _tokens(call: Call) -> Any:
        while call.request.finish is None:
            await call.written.wait()
            call.written.clear()
            if call.request.output:
                yield call.request.output


def _engine(case: Case) -> Engine:
    flags = case.flags
    limits = Limits(
        policy="priority",
        kv_blocks=KV_BLOCKS["8b-h100"],
        max_model_len=cases.CONTEXT,
        max_num_batched_tokens=int(flags["max-num-batched-tokens"]),
        long_prefill_token_threshold=int(flags.get("long-prefill-token-threshold", 0)),
        watermark=flags.get("watermark", 0.0),
    )
    return Engine(Scheduler(limits), PRESETS["8b-h100"])


async def _play(case: Case, rate: float, seconds: float, seed: int) -> Outcome:
    play = Play(case, seed)
    tasks = [asyncio.create_task(engine.run()) for engine in play.engines.values()]
    tasks += [asyncio.create_task(play.batch()) for _ in range(cases.SUPPLY if case.batch else 0)]
    if case.batch:
        await asyncio.sleep(WARM_UP)
    before = play.outcome.batch_tokens, play.outcome.yanks, play.outcome.reread
    begin = asyncio.get_running_loop().time()
    asked = []
    for when in cases.arrivals(rate, seconds, seed):
        await asyncio.sleep(begin + when - asyncio.get_running_loop().time())
        asked.append(asyncio.create_task(play.research()))
    await asyncio.sleep(begin + seconds - asyncio.get_running_loop().time())
    play.outcome.asked = len(asked)
    play.outcome.seconds = seconds
    play.outcome.since(*before)
    for task in [*tasks, *asked]:
        task.cancel()
    for one in await asyncio.gather(*tasks, *asked, return_exceptions=True):
        if isinstance(one, Exception):
            raise one
    return play.outcome


def played(case: Case, rate: float, seconds: float = 300.0, seeds: Sequence[int] = (0, 1, 2, 3)) -> Outcome:
    """All seeds together."""
    total = Outcome()
    for seed in seeds:
        total.add(run(_play(case, rate if case.research else 0.0, seconds, seed)))
    return total


def measure(seconds: float = 300.0, seeds: Sequence[int] = (0, 1, 2, 3)) -> str:
    """The tables, as Markdown."""
    found: dict[tuple[str, float], Outcome] = {}
    for case in cases.BATCH_CASES:
        found[case.name, 0.0] = played(case, 0.0, seconds, seeds)
    for case in cases.CASES:
        for rate in cases.RATES:
            found[case.name, rate] = played(case, rate, seconds, seeds)
    said = f"{len(seeds)} seeds of {seconds:g} s after {WARM_UP:g} s."
    return "\n\n".join([said, table(found, cases.RATES), product_table(found)])
