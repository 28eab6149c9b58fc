"""What research feels of the product over HTTP: the rows of `cases.py` with processes, sockets and a clock.

Engines are fake ones with the step times of an 8B-class model, which are guesses. With `speed` below 1 they
and the load are slowed alike, so that a busy machine disturbs them less; figures are in the engines' time.
"""

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.inference import cases, processes
from tests.bench.inference.cases import Case, Scale
from tests.bench.inference.client import Client, Reply, Supply
from tests.bench.inference.outcome import Outcome, product_table, table
from tests.bench.inference.processes import KEYS, Child

PRIORITY = {"research": "-100", "batch": "100"}


@dataclass(frozen=True)
class Plan:
    """Seconds of each row by the rate of research, after a warm-up, all in the engines' time."""

    seconds: Mapping[float, float]
    batch_only: float = 120.0
    warm_up: float = 25.0
    speed: float = 1.0

    @classmethod
    def full(cls, speed: float) -> "Plan":
        return cls({0.2: 300.0, 1.0: 330.0, 4.0: 120.0}, speed=speed)

    @classmethod
    def quick(cls, speed: float, seconds: float = 60.0) -> "Plan":
        return cls({1.0: seconds}, batch_only=60.0, warm_up=15.0, speed=speed)


async def measure(plan: Plan) -> str:
    """The tables, as Markdown."""
    found: dict[tuple[str, float], Outcome] = {}
    for case in cases.BATCH_CASES:
        found |= await rows(case, {0.0: plan.batch_only}, plan)
    for case in cases.CASES:
        found |= await rows(case, plan.seconds, plan)
    made = [table(found, tuple(plan.seconds)), product_table(found)]
    if plan.speed != 1.0:
        made.insert(0, f"The engines ran at {plan.speed:g} of their speed; figures are in their time.")
    return "\n\n".join(made)


async def rows(case: Case, seconds: Mapping[float, float], plan: Plan) -> dict[tuple[str, float], Outcome]:
    """One case at all rates, on the same processes; the product never stops in between."""
    found: dict[tuple[str, float], Outcome] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemma-bench-")))

        def engine(name: str) -> Child:
            return processes.engine(
                folder, name, "--preset", "8b-h100", "--speed", str(plan.speed), "--bytes-per-token", "1",
                "--max-model-len", str(cases.CONTEXT), *flags_of(case),
            )  # fmt: skip

        scene = await Scene.set_up(case, cases.Scale(), engine, folder, stack, plan.speed)
        if case.batch:
            await asyncio.sleep(plan.warm_up / plan.speed)
        for rate, length in seconds.items():
            found[case.name, rate] = await scene.play(rate, length)
    return found


def flags_of(case: Case) -> list[str]:
    """The case's flags as words of a command line."""
    return [part for name, value in case.flags.items() for part in (f"--{name}", f"{value:g}")]


@dataclass
class Scene:
    """Engines, what stands before them, and clients."""

    case: Case
    scale: Scale
    speed: float
    front: Child
    client: Client
    supply: Supply
    rng: random.Random
    prompts: Iterator[int]

    @classmethod
    async def set_up(
        cls,
        case: Case,
        scale: Scale,
        engine: Callable[[str], Child],
        folder: Path,
        stack: AsyncExitStack,
        speed: float = 1.0,
    ) -> "Scene":
        """Starts everything, the product's clients too; `stack` will end it."""

        async def started(child: Child) -> Child:
            stack.push_async_callback(child.stop)
            return await child.start()

        engines = [await started(engine(f"e{number}")) for number in range(case.replicas)]
        front = engines[0]
        if case.policy is not None:
            before = processes.gateway(
                folder,
                engines,
                model=scale.model,
                kind=scale.engine,
                policy=_toml(case, speed),
                home=case.home,
                deployment=scale.deployment(case.flags),
            )
            front = await started(before)
        client = Client(front.url)
        stack.callback(client.close)
        prompts = cases.prompts(0, scale.batch_prompts)
        scene = cls(case, scale, speed, front, client, Supply(client), random.Random(0), prompts)
        if case.batch:
            scene.supply.start(scene.batch, scale.supply)
        stack.push_async_callback(scene.supply.stop)
        return scene

    def batch(self) -> bytes:
        """The next request of the product."""
        return self._request("batch", next(self.prompts), self.scale.batch_answer, stream=False)

    def research(self) -> bytes:
        """A question of research."""
        return self._request("research", self.scale.research_prompt, self.scale.research_answer, stream=True)

    async def play(self, rate: float, seconds: float) -> Outcome:
        """One row. Research that is not answered in its time is not waited for."""
        loop, outcome = asyncio.get_running_loop(), Outcome(seconds=seconds)
        before = await self._counted()
        first = len(self.supply.replies)
        begin, asked = loop.time(), []
        for when in cases.arrivals(rate, seconds, seed=0):
            await asyncio.sleep(max(0.0, begin + when / self.speed - loop.time()))
            asked.append(asyncio.create_task(self.client.ask(self.research())))
        await asyncio.sleep(max(0.0, begin + seconds / self.speed - loop.time()))
        replies = [task.result() for task in asked if task.done()]
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        self._note(outcome, replies)
        outcome.asked = len(asked)
        batch = self.supply.replies[first:]
        outcome.batch_tokens = sum(reply.tokens for reply in batch if reply.ok)
        outcome.failed += sum(not reply.ok for reply in batch)
        after = await self._counted()
        outcome.yanks, outcome.reread = (round(now - then) for now, then in zip(after, before, strict=True))
        return outcome

    def _note(self, outcome: Outcome, replies: Sequence[Reply]) -> None:
        for reply in replies:
            if reply.ok and reply.tokens == self.scale.research_answer:
                times = [time * self.speed for time in reply.times[: self.scale.research_answer]]
                outcome.saw(reply.sent * self.speed, times)
            else:
                outcome.failed += 1

    async def _counted(self) -> tuple[float, float]:
        """Yanks, and tokens that were read after one and not found in the cache, since the gateway began. The
        latter are at most those that were read twice: what a yank came before was never read."""
        if self.case.policy is None:
            return 0.0, 0.0
        found = await self.front.metrics()
        own = "lemma_inference_"
        return found.get(f"{own}yanks_total", 0.0), found.get(f"{own}reread_prompt_tokens_total", 0.0)

    def _prompt(self, tokens: int) -> str | list[int]:
        """So many tokens that nobody has sent before. The fake engine takes each byte for a token; of others'
        vocabularies all that is known is that they have a few thousand."""
        if self.scale.engine == "fake":
            return f"{self.rng.getrandbits(120):030x}".ljust(tokens, "x")
        return [self.rng.randrange(100, 4000) for _ in range(tokens)]

    def _request(self, level: str, prompt: int, answer: int, *, stream: bool) -> bytes:
        body: dict[str, Any] = {
            "model": self.scale.model,
            "prompt": self._prompt(prompt),
            "max_tokens": answer,
            "ignore_eos": True,
            "stream": stream,
        }
        if stream:
            body["stream_options"] = {"include_usage": True}
        if self.case.policy is None:
            headers = {"X-Vllm-Priority": PRIORITY[level], "Authorization": f"Bearer {self.front.key}"}
        else:
            key = KEYS["research" if level == "research" else "product"]
            headers = {"Authorization": f"Bearer {key}", "X-Lemma-Class": level}
        return self.client.request("/v1/completions", body, headers)


def _toml(case: Case, speed: float) -> str:
    """The policy's lines. Its times are those of the clock on the wall."""
    entry = cases.policy_entry(case)
    policy = {**(case.policy or {}), "quiet": entry.quiet / speed}
    return "\n".join(f"{name} = {_value(value)}" for name, value in policy.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
