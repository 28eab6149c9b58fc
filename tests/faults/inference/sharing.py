"""Research in bursts against a product that saturates, and a long time in which nothing goes wrong."""

import asyncio
import random
import time
from collections.abc import Sequence

from tests.faults.inference.books import Finding
from tests.faults.inference.clients import Wish, p99
from tests.faults.inference.stage import MIXED, Plan, Stage, stage

MOST_YANKS = 3
BATCH = tuple(
    Wish(stream=stream, tokens=tokens, prompt=prompt, request_class="batch")
    for tokens, prompt in ((8, 7000), (24, 5000))
    for stream in (True, False)
)
RESEARCH = Wish(stream=True, tokens=8, prompt=400, request_class="research", tenant="research")
# The gateway's memory: at most so much, and over a soak it rises by no more than so much.
MOST_MB = 150.0
RISE_MB = 4.0
# What engines counted and the journal says may differ by this much, where nothing was killed.
DRIFT = 0.005
# Of a request that was taken back or left, an engine may yet read the prompt and write tokens until it knows.
LONGEST_PROMPT = 1800
LATE_TOKENS = 64


async def nothing_wrong(plan: Plan) -> Finding:
    """The same load without any fault: journal and engines count the same, to the token."""
    wishes = [*MIXED, *BATCH, RESEARCH]
    async with stage() as here:

        async def nothing() -> None:
            await asyncio.sleep(3.0 * plan.rounds)

        await here.under_load(nothing, plan, wishes)
        found = await here.finding()
        found.expect(all(reply.complete for reply in here.clients.replies), "A request had no answer.")
        await sums(here, found)
        waits = p99([reply.waited for reply in here.clients.replies if reply.stream])
        found.notes.append(f"First byte of a stream: {waits:.2f} s p99.")
        return found


async def yank_storm(plan: Plan) -> Finding:
    """Strict mode: each burst takes back what is being read. Every batch request still has one answer."""
    policy = f'mode = "strict"\nyanks = {MOST_YANKS}'
    async with stage(policy=policy) as here:

        async def fault() -> None:
            for _ in range(8 * plan.rounds):
                burst = [here.clients.ask(RESEARCH) for _ in range(random.randint(1, 6))]
                await asyncio.gather(*burst)
                await asyncio.sleep(random.uniform(0.0, 0.3))

        await here.under_load(fault, plan, BATCH)
        found = await here.finding()
        found.expect(all(reply.complete for reply in here.clients.replies), "A request had no answer.")
        records = await here.gateway.records()
        attempts = [record["attempts"] for record in records]
        found.expect(max(attempts) <= 1 + MOST_YANKS, f"A request was made {max(attempts)} times.")
        found.expect(sum(attempts) > len(attempts), "Nothing was ever taken back.")
        yanks = sum(attempts) - len(attempts)
        found.notes.append(f"{yanks} yanks among {len(records)} requests.")
        # A step that reads a prompt goes to its end though its request was taken back.
        await sums(here, found, prompt=yanks * LONGEST_PROMPT, completion=yanks * LATE_TOKENS)
        return found


async def soak(plan: Plan) -> Finding:
    """Mixed load for minutes: memory stays flat, and journal and engines count the same."""
    wishes = [
        *MIXED,
        Wish(tokens=64, request_class="batch", prompt=4000),
        Wish(stream=False, tokens=16, tenant="research", request_class="research"),
        Wish(tokens=200, leave_after=0.5),
        Wish(stream=False, tokens=24, fields={"structured_outputs": {"regex": "[0-9]{24}"}, "min_tokens": 1}),
        Wish(fields={"guided_json": {}}),  # Refused with a 400.
    ]
    async with stage() as here:
        here.clients.forgetful = True
        over = asyncio.Event()
        load = asyncio.create_task(here.clients.load(wishes, plan.at_once, over))
        warm = min(60.0, 20.0 * plan.minutes)
        await asyncio.sleep(warm)
        began, samples = time.monotonic(), []
        while (now := time.monotonic() - began) < 60.0 * plan.minutes:
            samples.append((now, here.gateway.resident))
            await asyncio.sleep(0.5)
        over.set()
        await load
        found = await here.finding(meant="invalid_request")
        slope = least_squares(samples)
        rise, most = slope * samples[-1][0], max(resident for _, resident in samples)
        found.expect(rise <= RISE_MB, f"Memory rose by {rise:.1f} MB in {plan.minutes:g} minutes.")
        found.expect(most <= MOST_MB, f"The gateway took {most:.0f} MB.")
        found.notes.append(
            f"{samples[0][1]:.1f} MB after {warm:.0f} s of warm-up, {most:.1f} at most; "
            f"slope {slope * 60:+.2f} MB a minute over {plan.minutes:g} minutes."
        )
        left = sum(reply.left for reply in here.clients.replies)
        await sums(here, found, prompt=left * LONGEST_PROMPT, completion=left * LATE_TOKENS)
        return found


async def sums(here: Stage, found: Finding, *, prompt: int = 0, completion: int = 0) -> None:
    """What engines counted beside the journal, thrown-away attempts included. `prompt` and `completion` are
    the most that engines may have worked on after the gateway had let go, which nobody is billed for."""
    records = await here.gateway.records()
    counters = [await engine.counters() for engine in here.engines]
    for kind, late in (("prompt", prompt), ("completion", completion)):
        metered = sum(record[kind] + record[f"wasted_{kind}"] for record in records)
        counted = sum(one[kind] for one in counters)
        beyond = counted - metered
        found.twice += max(0, round(-beyond))
        share = 100 * beyond / max(1.0, counted)
        found.notes.append(f"{kind}: {metered:,} metered, {counted:,.0f} counted ({share:+.3f} %).")
        found.expect(beyond <= DRIFT * counted + late, f"{beyond:,.0f} {kind} tokens are in no record.")


def least_squares(samples: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line nearest to these points."""
    x_mean = sum(x for x, _ in samples) / len(samples)
    y_mean = sum(y for _, y in samples) / len(samples)
    spread = sum((x - x_mean) ** 2 for x, _ in samples)
    return sum((x - x_mean) * (y - y_mean) for x, y in samples) / spread if spread else 0.0
