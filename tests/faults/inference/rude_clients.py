"""Clients that read slowly, leave when they like, send a byte a second, or say how urgent they are."""

import asyncio
import json
import random
import re
import socket
from collections.abc import Sequence

from tests.faults.inference.books import Finding
from tests.faults.inference.clients import Wish
from tests.faults.inference.gateway import KEYS
from tests.faults.inference.stage import FAIL_OVER, Plan, Stage, stage
from tests.faults.inference.tap import address

SLOW = 16
# What they may take of the gateway's memory: a MB each, for the buffers of two sockets and the like.
SLOW_MB = 16.0
SLOWLORIS = 400


async def slow_clients(plan: Plan) -> Finding:
    """Clients that read a byte a second of long answers. They wait, and nobody else does: no longer than
    beside as many clients that read what comes."""
    async with stage(deployment="seats = 96") as here:
        grown: list[float] = []
        quick = [asyncio.create_task(_read(here.gateway.url, n, pause=0.0)) for n in range(SLOW)]

        async def fault() -> None:
            await asyncio.sleep(3.0)
            await _ended(quick)
            before = here.gateway.resident
            slow = [asyncio.create_task(_read(here.gateway.url, n, pause=1.0)) for n in range(SLOW)]
            try:
                async with here.moment(longest=600.0):
                    for _ in range(4 * plan.rounds):
                        await asyncio.sleep(1.0)
                        grown.append(here.gateway.resident - before)
            finally:
                await _ended(slow)

        await here.under_load(fault, plan)
        found = await here.finding(beside="slow-")
        found.expect(max(grown) < SLOW_MB, f"{SLOW} slow clients took {max(grown):.0f} MB.")
        found.notes.append(f"{SLOW} clients that read a byte a second took {max(grown):.1f} MB in all.")
        return found.within(FAIL_OVER)


async def leaving_clients(plan: Plan) -> Finding:
    """500 clients that go away in the queue, while their prompt is read, or between two tokens."""
    async with stage(deployment="seats = 64\nkv_tokens = 400_000") as here:
        for _ in range(max(1, plan.rounds // 2)):
            await asyncio.gather(*(here.clients.ask(_leaving()) for _ in range(500)))
        await here.gateway.until_idle(20.0)
        found = await here.finding()
        left = [reply for reply in here.clients.replies if reply.left]
        begun = sum(reply.first is not None for reply in left)
        found.notes.append(
            f"{len(left)} of {found.requests} left, {begun} of them in the middle of an answer."
        )
        await _compare_with_engines(here, found)
        reserved = _sum(await here.gateway.metrics(), "budget_reserved")
        found.expect(reserved == 0.0, f"{reserved:.0f} tokens stay reserved though nobody is there.")
        return found


async def slowloris(plan: Plan) -> Finding:
    """Hundreds of connections that send a byte of a head or of a body a second. Others are served meanwhile,
    and none of them stays for ever."""
    async with stage() as here:
        opened = left = 0

        async def fault() -> None:
            nonlocal opened, left
            before = here.gateway.connections
            senders = [asyncio.create_task(_send_slowly(here.gateway.url, n)) for n in range(SLOWLORIS)]
            try:
                async with here.moment(longest=600.0):
                    await asyncio.sleep(3.0)
                    opened = here.gateway.connections - before
                    await asyncio.wait(senders, timeout=60.0)
                    left = sum(not sender.done() for sender in senders)
            finally:
                await _ended(senders)

        await here.under_load(fault, plan)
        found = (await here.finding(beside="loris-")).within(FAIL_OVER)
        found.expect(opened > SLOWLORIS / 2, "The slow connections were not even there.")
        found.expect(not left, f"{left} of {SLOWLORIS} slow connections were still held after a minute.")
        return found


async def urgent_clients(plan: Plan) -> Finding:
    """Clients that set a priority, in headers and body. What reaches the engine is the gateway's own."""
    pushy = {"X-Vllm-Priority": "-1000000", "X-Request-Id": "mine", "traceparent": "forged"}
    wishes = [
        Wish(stream=stream, tokens=8, request_class=name, headers=pushy, fields={"priority": -1000000})
        for stream in (True, False)
        for name in ("interactive", "batch")
    ]
    async with stage(engines=1, tapped=True) as here:
        over = asyncio.Event()
        load = asyncio.create_task(here.clients.load(wishes, plan.at_once, over))
        await asyncio.sleep(2.0)
        over.set()
        await load
        found = await here.finding()
        assert here.tap is not None
        sent = bytes(here.tap.heard).decode("utf-8", "replace")
        priorities = set(re.findall(r"(?i)x-vllm-priority: (\S+)", sent))
        found.expect(priorities == {"-10", "100"}, f"The engine was told the priorities {priorities}.")
        found.expect("1000000" not in sent, "A client's priority reached the engine.")
        found.expect("mine" not in re.findall(r"(?i)x-request-id: (\S+)", sent), "A client's id reached it.")
        found.expect(not any(key in sent for key in KEYS.values()), "A client's key reached the engine.")
        return found


def _leaving() -> Wish:
    """Four of five leave early; some prompts are long, so that they leave while these are read."""
    return Wish(
        stream=random.random() < 0.7,
        tokens=random.choice((8, 64, 400)),
        prompt=random.choice((100, 2000, 7000)),
        request_class=random.choice(("interactive", "batch")),
        leave_after=random.uniform(0.0, 10.0) if random.random() < 0.8 else None,
    )


async def _compare_with_engines(here: Stage, found: Finding) -> None:
    """Whatever was thrown away included. A part of a prompt whose reading was broken off nobody counts."""
    records = await here.gateway.records()
    metered = sum(one["completion"] + one["wasted_completion"] for one in records)
    counted = sum([(await engine.counters())["completion"] for engine in here.engines])
    # An engine goes on for a step or two before it learns that a client has left.
    aborted = sum(one["finish"] == "aborted" for one in records)
    found.notes.append(f"Tokens of answers: {metered:,} metered, {counted:,.0f} counted by the engines.")
    found.expect(metered <= counted, f"{metered - counted:.0f} tokens more were metered than made.")
    found.expect(
        counted - metered <= 8 * aborted + 0.005 * counted,
        f"The engines made {counted - metered:.0f} tokens that are in no record.",
    )
    for engine in here.engines:
        now = await engine.counters()
        found.expect(not now["running"] and not now["waiting"], f"{engine.name} still works for nobody.")


async def _read(url: str, number: int, *, pause: float) -> None:
    """An answer of about 300 KB, through a buffer as small as may be: a byte a second, or what comes."""
    body = Wish(stream=True, tokens=2000).body(number)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, address(url))
        await loop.sock_sendall(raw, _request(json.dumps(body).encode(), f"slow-{number}"))
        while await loop.sock_recv(raw, 1 if pause else 4096):  # noqa: ASYNC110 - it is what it does
            await asyncio.sleep(pause)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _send_slowly(url: str, number: int) -> None:
    """A byte a second: every second one of its head, the others of their body. Ends when it is thrown out."""
    data = _request(json.dumps(Wish().body(number)).encode(), f"loris-{number}")
    begun = 20 if number % 2 else data.index(b"\r\n\r\n") + 20
    reader, writer = await asyncio.open_connection(*address(url))
    try:
        writer.write(data[:begun])
        for byte in data[begun : begun + 120]:
            writer.write(bytes([byte]))
            await writer.drain()
            try:
                async with asyncio.timeout(1.0):
                    if not await reader.read(4096):
                        return
            except TimeoutError:
                continue
    except OSError:
        return
    finally:
        writer.close()


def _request(body: bytes, customer: str) -> bytes:
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "Host: gateway",
        f"Authorization: Bearer {KEYS['product']}",
        f"X-Lemma-Customer: {customer}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _sum(page: str, name: str) -> float:
    """Of all series whose name ends so."""
    pattern = re.compile(rf"^\w*{name}(?:{{.*}})? (\S+)$", re.MULTILINE)
    return sum(float(value) for value in pattern.findall(page))
