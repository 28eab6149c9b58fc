"""Engines that answer wrongly: with errors, half answers, garbage, or what the grammar forbids."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.faults.inference.books import Finding
from tests.faults.inference.clients import Wish
from tests.faults.inference.engines import Engine
from tests.faults.inference.stage import FAIL_OVER, MIXED, Plan, Stage, stage

DIGITS = "[0-9]{24}"


async def stale_connections(plan: Plan) -> Finding:
    """Engines that close a kept connection when it is used again, which says nothing of them."""
    async with stage() as here:
        found = await _failing(here, plan, here.engines, cut_keep_alive=True)
        found.expect(not _failed_over(await here.gateway.metrics()), "A stale connection counted as a loss.")
        return found


async def server_errors(plan: Plan) -> Finding:
    """Half of one engine's answers are a 500, then a 503, for longer than a budget of tries would last."""
    async with stage() as here:
        await _failing(here, plan, here.engines[:1], status=500, share=0.5)
        return await _failing(here, plan, here.engines[:1], status=503, share=0.5)


async def closed_before_the_first_byte(plan: Plan) -> Finding:
    """One engine closes half of the connections when it has the request."""
    async with stage() as here:
        return await _failing(here, plan, here.engines[:1], close_first=True, share=0.5)


async def closed_midway(plan: Plan) -> Finding:
    """One engine breaks off a third of its streams after five tokens. What was begun ends with an error, and
    whole answers are made again."""
    async with stage() as here:
        found = await _failing(here, plan, here.engines[:1], close_after=5, share=0.34)
        _some_broke_off(here, found)
        return found


async def garbage(plan: Plan) -> Finding:
    """One engine sends a chunk that is no JSON after three tokens, in a third of its streams."""
    async with stage() as here:
        found = await _failing(here, plan, here.engines[:1], garbage_after=3, share=0.34)
        _some_broke_off(here, found)
        return found


async def error_chunks(plan: Plan) -> Finding:
    """One engine fails within a stream as vLLM does: an error chunk, and then [DONE], which is not passed on
    as if the answer were whole."""
    async with stage() as here:
        found = await _failing(here, plan, here.engines[:1], error_after=4, share=0.34)
        _some_broke_off(here, found)
        return found


async def grammar_left(plan: Plan) -> Finding:
    """Engines that ignore the grammar. Nothing that it forbids is ever shown: a 502 says so."""
    wishes = [Wish(stream=s, fields={"structured_outputs": {"regex": DIGITS}}) for s in (True, False)]
    for wish in wishes:
        wish.fields["min_tokens"] = 1
    async with stage() as here:
        await _failing(here, plan, here.engines, wishes, leave_grammar=True, share=0.5)
        found = (await here.finding(meant="grammar_broken")).within(FAIL_OVER)
        broken = [reply for reply in here.clients.replies if reply.code == "grammar_broken"]
        found.expect(broken, "No answer left its grammar, so nothing was tried.")
        shown = "".join(reply.text for reply in here.clients.replies)
        found.expect(shown.isdigit(), "Text that the grammar forbids was shown.")
        whole = [reply for reply in here.clients.replies if reply.complete]
        found.expect(all(len(reply.text) == 24 for reply in whole), "An answer is not what was promised.")
        found.notes.append(f"{len(broken)} of {found.requests} answers left the grammar: 502, withheld.")
        return found


async def _failing(
    here: Stage, plan: Plan, engines: Sequence[Engine], wishes: Sequence[Wish] = MIXED, **faults: Any
) -> Finding:
    """Load, with faults of these engines for two seconds a round."""

    async def fault() -> None:
        for engine in engines:
            await engine.fail(**faults)
        async with here.moment(longest=600.0):
            await asyncio.sleep(2.0 * plan.rounds)
        for engine in engines:
            await engine.fail()
        await asyncio.sleep(0.5)

    await here.under_load(fault, plan, wishes)
    return (await here.finding()).within(FAIL_OVER)


def _some_broke_off(here: Stage, found: Finding) -> None:
    begun = [reply for reply in here.clients.replies if reply.stream and reply.first and not reply.complete]
    found.expect(begun, "No stream broke off, so nothing was tried.")
    found.notes.append(f"{len(begun)} begun streams ended with an error event and without [DONE].")


def _failed_over(metrics: str) -> float:
    lines = [line for line in metrics.splitlines() if "fail" in line and not line.startswith("#")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if "over" in line and "created" not in line)
