"""Does a llama.cpp do what the gateway relies on? Shorter than vLLM's: it has no priorities, and the gateway
never gives it more than its slots."""

import time
from contextlib import aclosing

import aiohttp

from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Ask
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.errors import ServiceError
from lemma_inference.launchers.report import Check, Report

PATIENCE = 60.0


async def llamacpp_test(url: str, key: str | None) -> Report:
    """Asks as the gateway asks."""
    replica = Replica()
    replica.up(url, key)
    engine = Upstream(replica, LlamaCpp(), slots=1)
    async with engine.running():
        return Report((await _key(url, key), await _grammar(engine)))


async def _key(url: str, key: str | None) -> Check:
    began = time.monotonic()
    headers = {"Authorization": "Bearer wrong"}
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.post(f"{url}/tokenize", json={"content": "x"}, headers=headers) as response,
        ):
            asked = response.status == 401
    except (aiohttp.ClientError, TimeoutError) as error:
        return Check("key", False, type(error).__name__, time.monotonic() - began)
    saw = "a wrong key is refused" if asked else "a wrong key is let in"
    return Check("key", asked or key is None, saw, time.monotonic() - began)


async def _grammar(engine: Upstream) -> Check:
    """The first one loads the grammar backend. Each part must say how much was used."""
    began, text, parts, counted = time.monotonic(), "", 0, 0
    ask = Ask(messages=[{"role": "user", "content": "1 2 3"}], max_tokens=8, grammar='start: "yes" | "no"')
    try:
        async with aclosing(engine.generate(ask)) as deltas:
            async for delta in deltas:
                text += delta.text
                parts += bool(delta.text)
                counted += bool(delta.text and delta.usage)
    except ServiceError as error:
        return Check("grammar", False, error.detail, time.monotonic() - began)
    obeyed = text in {"yes", "no"}
    saw = f"a grammar is {'obeyed' if obeyed else 'not obeyed'}, usage on {counted} of {parts} parts"
    return Check("grammar", obeyed and counted == parts, saw, time.monotonic() - began)
