"""What research feels of the product over HTTP: the rows of `cases.py` with processes, sockets and a clock.

Engines are fake ones with the step times of an 8B-class model, which are guesses. With `speed` below 1 they
and the load are slowed alike, so that a busy machine disturbs them less; figures are in the engines' time.
"""

import asyncio
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.inference import cases, processes
from tests.bench.inference.cases import Case
from tests.bench.inference.client import Client, Reply, Supply
from tests.bench.inference.outcome import Outcome, product_table, table
from tests.bench.inference.processes import KEYS, MODEL, Child

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
        found |= await _rows(case, {0.0: plan.batch_only}, plan)
    for case in cases.CASES:
        found |= await _rows(case, plan.seconds, plan)
    made = [table(found, tuple(plan.seconds)), product_table(found)]
    if plan.speed != 1.0:
        made.insert(0, f"The engines ran at {plan.speed:g} of their speed; figures are in their time.")
    return "\n\n".join(made)


async def _rows(case: Case, seconds: Mapping[float, float], plan: Plan) -> dict[tuple[str, float], Outcome]:
    """One case at all rates, on the same processes; the product never stops in between."""
    found: dict[tuple[str, float], Outcome] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemma-bench-")))
        scene = await Scene.set_up(case, plan, folder, stack)
        if case.batch:
            await asyncio.sleep(plan.warm_up / plan.speed)
        for rate, length in seconds.items():
            found[case.name, rate] = await scene.play(rate, length)
    return found


@dataclass
class Scene:
    """Engines, what stands before them, and clients."""

    case: Case
    speed: float
    front: Child
    client: Client
    supply: Supply
    rng: random.Random
    prompts: Iterator[int]

    @classmethod
    async def set_up(cls, case: Case, plan: Plan, folder: Path, stack: AsyncExitStack) -> "Scene":
        flags = [part for name, value in case.flags.items() for part in (f"--{name}", f"{value:g}")]
        engines = []
        for number in range(case.replicas):
            one = processes.engine(
                folder, f"e{number}", "--preset", "8b-h100", "--speed", str(plan.speed),
                "--bytes-per-token", "1", "--max-model-len", str(cases.CONTEXT), *flags,
            )  # fmt: skip
            stack.push_async_callback(one.stop)
            engines.append(await one.start())
        front = engines[0]
        if case.policy is not None:
            front = processes.gateway(
                folder,
                engines,
                policy=_toml(case, plan.speed),
                home=case.home,
                deployment=cases.deployment(case.flags),
            )
            stack.push_async_callback(front.stop)
            await front.start()
        client = Client(front.url)
        stack.callback(client.close)
        scene = cls(case, plan.speed, front, client, Supply(client), random.Random(0), cases.prompts(0))
        if case.batch:
            scene.supply.start(scene.batch, cases.SUPPLY)
        stack.push_async_callback(scene.supply.stop)
        return scene

    def batch(self) -> bytes:
        return self._request("batch", next(self.prompts), cases.BATCH_ANSWER, stream=False)

    async def play(self, rate: float, seconds: float) -> Outcome:
        """One row. Research that is not answered in its time is not waited for."""
        loop, outcome = asyncio.get_running_loop(), Outcome(seconds=seconds)
        before = await self._counted()
        first = len(self.supply.replies)
        begin, asked = loop.time(), []
        for when in cases.arrivals(rate, seconds, seed=0):
            await asyncio.sleep(max(0.0, begin + when / self.speed - loop.time()))
            request = self._request("research", cases.RESEARCH_PROMPT, cases.RESEARCH_ANSWER, stream=True)
            asked.append(asyncio.create_task(self.client.ask(request)))
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
            if reply.ok and reply.tokens == cases.RESEARCH_ANSWER:
                times = [time * self.speed for time in reply.times[: cases.RESEARCH_ANSWER]]
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

    def _request(self, level: str, prompt: int, answer: int, *, stream: bool) -> bytes:
        body: dict[str, Any] = {
            "model": MODEL,
            "prompt": f"{self.rng.getrandbits(120):030x}".ljust(prompt, "x"),
            "max_tokens": answer,
            "ignore_eos": True,
            "stream": stream,
        }
        if stream:
            body["stream_options"] = {"include_usage": True}
        if self.case.policy is None:
            headers = {"X-Vllm-Priority": PRIORITY[level]}
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
