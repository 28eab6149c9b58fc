"""Engines that die, stand still or are cut off, while another one lives."""

import asyncio
import random

from tests.faults.inference.books import Finding
from tests.faults.inference.engines import Engine
from tests.faults.inference.stage import FAIL_OVER, Plan, Stage, stage


async def kill_an_engine(plan: Plan) -> Finding:
    """`kill -9` under load. Whole answers and streams that had not begun are given by the other one."""
    async with stage() as here:

        async def fault() -> None:
            for number in range(plan.rounds):
                victim = here.engines[number % 2]
                async with here.moment():
                    await victim.kill()
                    await asyncio.sleep(random.uniform(0.5, 1.5))
                await victim.start()
                await _taken_up(here, victim)

        await here.under_load(fault, plan)
        return (await here.finding()).within(FAIL_OVER)


async def _taken_up(here: Stage, engine: Engine) -> None:
    """Waits until the gateway gives this engine work again."""
    before = (await engine.counters())["completion"]
    async with asyncio.timeout(30):
        while (await engine.counters())["completion"] <= before:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)
