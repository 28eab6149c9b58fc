"""How evenly the product's customers are served while all of them want more than there is.

Six customers of one tenant ask for very different things, each with 48 requests at once, through the
gateway, before one fake engine. Service is counted as the gateway counts it: a token of a prompt 1, one of an
answer 2. What is even is service and not requests; who asks for little at a time gets more of them.
"""

import asyncio
import random
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from lemma_inference.admission.fairness import ANSWER_COST
from tests.bench.inference import cases, processes
from tests.bench.inference.client import Client, Supply
from tests.bench.inference.figures import jain, rows, verdict
from tests.bench.inference.processes import KEYS, MODEL

LEAST = 0.95
AT_ONCE = 48
WARM_UP = 15.0


@dataclass(frozen=True)
class Customer:
    """Tokens of its prompts and answers."""

    name: str
    prompt: int
    answer: int

    @property
    def cost(self) -> float:
        return self.prompt + ANSWER_COST * self.answer


CUSTOMERS = (
    Customer("classifies", 200, 4),
    Customer("chats", 400, 200),
    Customer("drafts", 100, 800),
    Customer("extracts", 2_000, 100),
    Customer("summarises", 8_000, 300),
    Customer("reads-files", 16_000, 50),
)


async def measure(seconds: float = 60.0, level: str = "interactive") -> str:
    """The table, as Markdown."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemma-bench-")))
        flags = [part for name, value in cases.ADVISED.items() for part in (f"--{name}", f"{value:g}")]
        engine = processes.engine(
            folder, "engine", "--preset", "8b-h100", "--bytes-per-token", "1",
            "--max-model-len", str(cases.CONTEXT), *flags,
        )  # fmt: skip
        stack.push_async_callback(engine.stop)
        await engine.start()
        gateway = processes.gateway(folder, [engine], deployment=cases.Scale().deployment(cases.ADVISED))
        stack.push_async_callback(gateway.stop)
        await gateway.start()
        client = Client(gateway.url)
        stack.callback(client.close)
        supplies = [_start(client, customer, level) for customer in CUSTOMERS]
        for supply in supplies:
            stack.push_async_callback(supply.stop)
        await asyncio.sleep(WARM_UP)
        before = [len(supply.replies) for supply in supplies]
        await asyncio.sleep(seconds)
        done = [supply.replies[first:] for supply, first in zip(supplies, before, strict=True)]
    answered = [sum(reply.ok for reply in replies) for replies in done]
    service = [
        sum(customer.prompt + ANSWER_COST * reply.tokens for reply in replies if reply.ok)
        for customer, replies in zip(CUSTOMERS, done, strict=True)
    ]
    return _table(answered, service, seconds, level)


def _start(client: Client, customer: Customer, level: str) -> Supply:
    rng = random.Random(customer.name)
    headers = {
        "Authorization": f"Bearer {KEYS['product']}",
        "X-Lemma-Class": level,
        "X-Lemma-Customer": customer.name,
    }

    def make() -> bytes:
        body = {
            "model": MODEL,
            "prompt": f"{rng.getrandbits(120):030x}".ljust(customer.prompt, "x"),
            "max_tokens": customer.answer,
            "ignore_eos": True,
        }
        return client.request("/v1/completions", body, headers)

    supply = Supply(client)
    supply.start(make, AT_ONCE)
    return supply


def _table(answered: list[int], service: list[float], seconds: float, level: str) -> str:
    whole = sum(service)
    body = [
        [
            customer.name,
            customer.prompt,
            customer.answer,
            count,
            f"{given / seconds:.0f}",
            f"{given / whole:.3f}",
        ]
        for customer, count, given in zip(CUSTOMERS, answered, service, strict=True)
    ]
    index = jain(service)
    return "\n\n".join([
        rows(["customer", "prompt", "answer", "answered", "service a second", "share"], body),
        f"Jain's index over {seconds:g} s of `{level}`: {index:.3f} of service ({LEAST:g} or more:"
        f" {verdict(LEAST, index)}), {jain(answered):.3f} of requests.",
    ])  # fmt: skip
