"""Does an engine do what the gateway relies on? Asked once in each of its lives, before it gets a request.

vLLM takes priorities under any policy and ignores them in silence under most (inference-sim#1208), answers
freely where it does not know a field (vllm#53975), guards no path but those under /v1 by its key, and loads
its grammar backend with the first grammar. So each is tried.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from lemma_inference.launchers.report import Check, Report

# Requests of each kind whose order is compared.
PROBES = 6
# An engine needs this long for its first grammar on two cores; everything else takes a moment.
PATIENCE = 300.0
# Until requests that must wait are seen to wait, where the engine says how many do.
QUEUE_SECONDS = 20.0
# The longest answer that holds a seat; it is given up long before its end.
LONG = 100_000

WAITING = re.compile(rb"^vllm:num_requests_waiting(?:\{[^}]*\})? ([0-9.e+]+)", re.MULTILINE)

# Paths by which somebody could put an engine to sleep, or change what it serves. They must not be there at
# all. A GET of a path that only takes POST says whether it is there, and does nothing.
CONTROLS = (
    "/sleep",
    "/wake_up",
    "/pause",
    "/abort_requests",
    "/collective_rpc",
    "/update_weights",
    "/v1/load_lora_adapter",
)
# Paths that take prompts, or tell about them; the gateway is the only one who should reach them.
DOORS = ("/v1/completions", "/v1/chat/completions", "/invocations", "/tokenize", "/detokenize", "/metrics")

Tried = tuple[bool, str]


@dataclass
class SelfTest:
    """Of a vLLM that serves `model`. `seats` is how many requests it works on at once (`--max-num-seqs`),
    which is what it takes to make one wait."""

    url: str
    key: str | None
    model: str
    seats: int
    found: list[Check] = field(default_factory=list)
    context: int = LONG

    async def run(self) -> Report:
        """Tries everything; stops at what makes the rest pointless."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            self.url, headers=headers, timeout=timeout, connector=connector, trust_env=False
        ) as http:
            for name, check in self._checks():
                began = time.monotonic()
                try:
                    passed, saw = await check(http)
                except aiohttp.ClientResponseError as error:
                    passed, saw = False, f"status {error.status}"
                except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, IndexError) as error:
                    passed, saw = False, type(error).__name__
                self.found.append(Check(name, passed, saw, time.monotonic() - began))
                if not passed and name in {"health", "model", "usage"}:
                    break
        return Report(tuple(self.found))

    def _checks(self) -> Sequence[tuple[str, Callable[[aiohttp.ClientSession], Awaitable[Tried]]]]:
        return (
            ("health", self._health),
            ("model", self._model),
            ("key", self._key_is_asked_for),
            ("paths", self._paths),
            ("usage", self._usage_on_chunks),
            ("grammar", self._grammar),
            ("priority", self._priority),
        )

    async def _health(self, http: aiohttp.ClientSession) -> Tried:
        async with http.get("/health") as response:
            return response.status == 200, f"status {response.status}"

    async def _model(self, http: aiohttp.ClientSession) -> Tried:
        async with http.get("/v1/models", raise_for_status=True) as response:
            models = (await response.json())["data"]
        ids = [model["id"] for model in models]
        if ids != [self.model]:
            return False, f"it serves {', '.join(ids) or 'nothing'}"
        self.context = int(models[0].get("max_model_len") or LONG)
        return True, f"it serves {self.model}, with a context of {self.context}"

    async def _key_is_asked_for(self, http: aiohttp.ClientSession) -> Tried:
        """Its port is on this machine, and neighbours on it have no key."""
        async with http.get("/v1/models", headers={"Authorization": "Bearer wrong"}) as response:
            asked = response.status == 401
        return asked or self.key is None, "a wrong key is refused" if asked else "a wrong key is let in"

    async def _paths(self, http: aiohttp.ClientSession) -> Tried:
        """What is there that should not be, and what is open to anybody who reaches the port."""
        there = [path for path in CONTROLS if await self._status(http, path) != 404]
        if there:
            return False, f"it offers {', '.join(there)}"
        wrong = {"Authorization": "Bearer wrong"}
        doors = [path for path in DOORS if await self._status(http, path, wrong) not in {401, 404}]
        return True, f"open without a key: {', '.join(doors) or 'nothing'}"

    async def _status(
        self, http: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None
    ) -> int:
        async with http.get(path, headers=headers, allow_redirects=False) as response:
            return response.status

    async def _usage_on_chunks(self, http: aiohttp.ClientSession) -> Tried:
        body = self._body(tokens=3) | {"stream": True}
        with_usage = chunks = 0
        async with http.post("/v1/completions", json=body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    chunk = json.loads(line[6:])
                    chunks += bool(chunk["choices"])
                    with_usage += bool(chunk["choices"] and chunk.get("usage"))
        return chunks > 0 and with_usage == chunks, f"usage on {with_usage} of {chunks} chunks"

    async def _grammar(self, http: aiohttp.ClientSession) -> Tried:
        """Also warms the grammar backend up."""
        # Within objects a grammar of JSON allows blanks without end, and some models write them.
        wanted: list[tuple[dict[str, Any], set[str]]] = [
            ({"grammar": 'start: "yes" | "no"'}, {"yes", "no"}),
            ({"json": {"enum": ["yes", "no"]}}, {'"yes"', '"no"'}),
        ]
        for form, allowed in wanted:
            body = self._body(tokens=40, endless=False) | {"structured_outputs": form}
            if (await self._complete(http, body))["choices"][0]["text"] not in allowed:
                return False, f"{next(iter(form))} was not obeyed"
        return True, "grammar and json are obeyed"

    async def _priority(self, http: aiohttp.ClientSession) -> Tried:
        """All seats are taken. Then come requests that are in no hurry, and after them some that are; then
        one seat is given up, through which they go one by one. Where priorities are kept, the urgent ones
        are through before the others."""
        holding = [asyncio.create_task(self._hold(http)) for _ in range(self.seats)]
        done = {"late": 0, "early": 0}

        async def probe(kind: str, priority: int) -> None:
            await self._post(http, 1, priority)
            done[kind] += 1

        probes: dict[str, list[asyncio.Task[None]]] = {}
        try:
            await asyncio.sleep(0.2)  # The first ones must be at work before others can wait.
            for kind, priority in (("late", 100), ("early", -100)):
                probes[kind] = [asyncio.create_task(probe(kind, priority)) for _ in range(PROBES)]
                if not await self._until_waiting(http, [task for tasks in probes.values() for task in tasks]):
                    return False, f"requests found a seat although {self.seats} were taken"
            holding.pop().cancel()
            await asyncio.gather(*probes["early"])
        finally:
            tasks = [*holding, *probes.get("late", ()), *probes.get("early", ())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        saw = f"{done['late']} of {PROBES} others were served before {PROBES} urgent requests"
        return done["late"] < PROBES // 2, saw

    async def _hold(self, http: aiohttp.ClientSession) -> None:
        """Keeps a seat until it is cancelled, which closes the connection, and the engine gives up."""
        while True:
            await self._post(http, max(1, min(LONG, self.context - 16)), 0)

    async def _until_waiting(self, http: aiohttp.ClientSession, sent: Sequence[asyncio.Task[None]]) -> bool:
        """Whether all of these come to wait. An engine that does not say is given a moment. Raises what one
        that was refused raises."""
        until = time.monotonic() + QUEUE_SECONDS
        while time.monotonic() < until:
            if ended := [task for task in sent if task.done()]:
                await ended[0]
                return False
            async with http.get("/metrics") as response:
                rows = WAITING.findall(await response.read()) if response.status == 200 else []
            if not rows:
                await asyncio.sleep(1.0)
                return True
            if sum(map(float, rows)) >= len(sent):
                return True
            await asyncio.sleep(0.05)
        return False

    def _body(self, *, tokens: int, endless: bool = True) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "prompt": "1 2 3",
            "max_tokens": tokens,
            "temperature": 0.0,
        }
        return body | {"ignore_eos": True} if endless else body

    async def _post(self, http: aiohttp.ClientSession, tokens: int, priority: int) -> None:
        headers = {"X-Vllm-Priority": str(priority)}
        await self._complete(http, self._body(tokens=tokens), headers)

    async def _complete(
        self, http: aiohttp.ClientSession, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        async with http.post("/v1/completions", json=body, headers=headers) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer
