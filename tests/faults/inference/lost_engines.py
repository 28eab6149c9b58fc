"""Engines that die, stop, flap or are cut off while another one lives, and all of them gone at once."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from tests.faults.inference.books import Finding
from tests.faults.inference.engines import Engine
from tests.faults.inference.stage import FAIL_OVER, Plan, Stage, stage

# A silent engine is told from a busy one by signs of life, which take 3 to 5 s (launchers/attendant.py).
NOTICED = 8.0


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


async def stopped_engine(plan: Plan) -> Finding:
    """SIGSTOP: the kernel still takes connections and bytes for a process that does nothing."""

    async def stop(engine: Engine) -> None:
        engine.freeze()

    async def go_on(engine: Engine) -> None:
        engine.thaw()

    return await _silent(plan, stop, go_on)


async def frozen_engine(plan: Plan) -> Finding:
    """An engine that takes connections and requests, answers nothing, and goes on later."""
    return await _silent(plan, lambda engine: engine.fail(freeze=True), lambda engine: engine.fail())


async def half_open_connections(plan: Plan) -> Finding:
    """An engine that reads from no connection any more and keeps them all."""
    return await _silent(plan, lambda engine: engine.fail(half_open=True), lambda engine: engine.fail())


async def flapping(plan: Plan) -> Finding:
    """An engine that is there for a second, and then is not, again and again."""
    async with stage() as here:
        victim = here.engines[0]

        async def fault() -> None:
            for _ in range(2 * plan.rounds):
                async with here.moment():
                    await victim.kill()
                    await victim.start()
                    await asyncio.sleep(random.uniform(0.2, 1.5))
            await _taken_up(here, victim)

        await here.under_load(fault, plan)
        return (await here.finding()).within(FAIL_OVER)


async def all_engines_down(plan: Plan) -> Finding:
    """No replica for five seconds. Nobody hears of it who can still be given a whole answer."""
    async with stage() as here:
        back: list[float] = []

        async def fault() -> None:
            for _ in range(max(1, plan.rounds // 2)):
                await asyncio.gather(*(engine.kill() for engine in here.engines))
                await asyncio.sleep(3.0)
                await asyncio.gather(*(engine.start() for engine in here.engines))
                up = time.monotonic()
                await asyncio.gather(*(_taken_up(here, engine) for engine in here.engines))
                back.append(time.monotonic() - up)
                await asyncio.sleep(1.0)

        await here.under_load(fault, plan)
        found = await here.finding()
        found.notes.append(
            f"Both were given work again {max(back):.1f} s after they were back, at the latest."
        )
        return found


async def _silent(
    plan: Plan, begin: Callable[[Engine], Awaitable[None]], end: Callable[[Engine], Awaitable[None]]
) -> Finding:
    """An engine that is silent until the gateway has noticed, and comes back."""
    async with stage() as here:
        held: list[float] = []

        async def fault() -> None:
            for number in range(max(1, plan.rounds // 2)):
                victim = here.engines[number % 2]
                async with here.moment(longest=NOTICED):
                    await begin(victim)
                    await asyncio.sleep(NOTICED)
                held.append(await here.gateway.in_flight(victim.name))
                await end(victim)
                await _taken_up(here, victim)

        await here.under_load(fault, plan)
        found = await here.finding()
        found.expect(not any(held), f"{max(held):.0f} requests still waited for an engine that was given up.")
        return found.within(NOTICED - 2.0)


async def _taken_up(here: Stage, engine: Engine) -> None:
    """Waits until the gateway gives this engine work again."""
    before = (await engine.counters())["completion"]
    async with asyncio.timeout(30):
        while (await engine.counters())["completion"] <= before:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)
