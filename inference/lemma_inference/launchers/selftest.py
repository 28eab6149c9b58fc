"""Does an engine do what the gateway relies on? Asked once in each of its lives, before it gets a request.

vLLM takes priorities under any policy and ignores them in silence under most (inference-sim#1208), answers
freely where it does not know a field (vllm#53975), and loads its grammar backend with the first grammar. So
each is tried.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

# Requests of each kind whose order is compared.
PROBES = 6
# An engine needs this long for its first grammar on two cores; everything else takes a moment.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Check:
    """One promise. `saw` is what was seen, in a few words."""

    name: str
    passed: bool
    saw: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of them, in the order in which they were tried."""

    checks: tuple[Check, ...]

    @property
    def wrong(self) -> str | None:
        """The first promise that is not kept, as a sentence; None where all are."""
        failed = next((check for check in self.checks if not check.passed), None)
        return None if failed is None else f"The engine failed its self-test: {failed.name}: {failed.saw}."


@dataclass
class SelfTest:
    """Of a vLLM that serves `model`. `seats` is how many requests it works on at once (`--max-num-seqs`),
    which is what it takes to make one wait."""

    url: str
    key: str | None
    model: str
    seats: int
    found: list[Check] = field(default_factory=list)

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
                except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, IndexError) as error:
                    passed, saw = False, f"{type(error).__name__}"
                self.found.append(Check(name, passed, saw, time.monotonic() - began))
                if not passed and name in {"health", "model", "usage"}:
                    break
        return Report(tuple(self.found))

    def _checks(self) -> list[tuple[str, Callable[[aiohttp.ClientSession], Awaitable[tuple[bool, str]]]]]:
        return [
            ("health", self._health),
            ("model", self._model),
            ("key", self._key_is_asked_for),
            ("usage", self._usage_on_chunks),
            ("grammar", self._grammar),
            ("priority", self._priority),
        ]

    async def _health(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        async with http.get("/health") as response:
            return response.status == 200, f"status {response.status}"

    async def _model(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        async with http.get("/v1/models") as response:
            ids = [model["id"] for model in (await response.json())["data"]]
        return ids == [self.model], f"it serves {', '.join(ids) or 'nothing'}"

    async def _key_is_asked_for(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        """Its port is on this machine, and neighbours on it have no key."""
        async with http.get("/v1/models", headers={"Authorization": "Bearer wrong"}) as response:
            asked = response.status == 401
        return asked or self.key is None, "a wrong key is refused" if asked else "a wrong key is let in"

    async def _usage_on_chunks(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        body = self._body(tokens=3) | {"stream": True}
        with_usage = chunks = 0
        async with http.post("/v1/completions", json=body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    chunk = json.loads(line[6:])
                    chunks += bool(chunk["choices"])
                    with_usage += bool(chunk["choices"] and chunk.get("usage"))
        return chunks > 0 and with_usage == chunks, f"usage on {with_usage} of {chunks} chunks"

    async def _grammar(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        """Also warms the grammar backend up."""
        schema = {"type": "object", "properties": {"a": {"enum": [1]}}, "required": ["a"]}
        wanted: list[tuple[dict[str, Any], Callable[[str], bool]]] = [
            ({"grammar": 'start: "yes" | "no"'}, lambda text: text in {"yes", "no"}),
            ({"json": schema}, lambda text: json.loads(text) == {"a": 1}),
        ]
        for form, kept in wanted:
            body = self._body(tokens=40, endless=False) | {"structured_outputs": form}
            text = (await self._complete(http, body))["choices"][0]["text"]
            if not kept(text):
                return False, f"{next(iter(form))} was not obeyed"
        return True, "grammar and json are obeyed"

    async def _priority(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        """The engine is filled; then come requests that are in no hurry, and after them some that are. Where
        priorities are kept, those that came last are served first."""
        filling = [self._post(http, 48, 0) for _ in range(self.seats)]
        fillers = [asyncio.create_task(one) for one in filling]
        await asyncio.sleep(0.05)
        order: list[str] = []

        async def probe(kind: str, priority: int) -> None:
            await self._post(http, 1, priority)
            order.append(kind)

        probes = []
        for kind, priority in (("late", 100), ("early", -100)):
            probes += [asyncio.create_task(probe(kind, priority)) for _ in range(PROBES)]
            await asyncio.sleep(0.05)
        await asyncio.gather(*fillers, *probes)
        ranks = {
            kind: statistics.median(n for n, one in enumerate(order) if one == kind)
            for kind in ("early", "late")
        }
        saw = f"urgent requests came {'before' if ranks['early'] < ranks['late'] else 'after'} the others"
        return ranks["early"] < ranks["late"], saw

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
