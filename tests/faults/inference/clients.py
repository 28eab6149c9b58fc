"""Clients, and what each of them saw."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from tests.faults.inference.gateway import KEYS

RequestClass = Literal["research", "interactive", "batch"]
# Longer than any answer here, and than any wait that a scenario allows.
LONGEST = 120.0


@dataclass
class Reply:
    """What one client saw. `customer` is its own and in its record, so the two can be laid side by side.

    `tokens` are those of the answer that it was told of by the last part that came, `part` the most that one
    part brought. `left` says that it went away by itself, or that the gateway was killed under it.
    """

    customer: str
    stream: bool
    began: float
    status: int = 0
    code: str = ""
    first: float | None = None
    ended: float = 0.0
    text: str = ""
    tokens: int = 0
    part: int = 1
    usage: tuple[int, int, int] | None = None
    complete: bool = False
    left: bool = False

    @property
    def failed_unseen(self) -> bool:
        """It saw a failure, and nothing of an answer before it."""
        return not self.complete and not self.left and self.first is None

    @property
    def refused(self) -> bool:
        """Told to come again later, or that there is no room."""
        return self.status in {429, 503} and self.code in {"over_budget", "journal_full", "busy"}

    @property
    def waited(self) -> float:
        """Seconds to the first byte of an answer; of a whole one, to its end."""
        return (self.first or self.ended) - self.began


@dataclass
class Wish:
    """What to ask for. `leave_after` is the seconds after which the client goes away; `read_slowly` the
    pause, in seconds, before each byte that it takes."""

    stream: bool = True
    tokens: int = 32
    prompt: int = 200
    request_class: RequestClass = "interactive"
    tenant: str = "product"
    leave_after: float | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, number: int) -> dict[str, Any]:
        """The end of the prompt differs, so that no two answers are alike."""
        text = ("The same beginning for all. " * (self.prompt // 28 + 1))[
            : self.prompt
        ] + f" Number {number}."
        body: dict[str, Any] = {
            "model": "fake",
            "messages": [{"role": "user", "content": text}],
            "max_tokens": self.tokens,
            "min_tokens": self.tokens,
            "stream": self.stream,
        }
        if self.stream:
            body["stream_options"] = {"include_usage": True, "continuous_usage_stats": True}
        return body | self.fields


class Clients:
    """All clients of a scenario, with every reply that they got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replies: list[Reply] = []
        # In a long soak texts would fill this process's memory.
        self.forgetful = False
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None
        self._run = f"{random.randrange(2**32):08x}"

    async def __aenter__(self) -> "Clients":
        self._session = aiohttp.ClientSession(
            self.url,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=LONGEST),
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def ask(self, wish: Wish) -> Reply:
        """One request. What goes wrong is in the reply."""
        number = next(self._numbers)
        reply = Reply(f"{self._run}-{number}", wish.stream, time.monotonic())
        self.replies.append(reply)
        try:
            async with asyncio.timeout(wish.leave_after):
                await self._ask(wish, wish.body(number), reply)
        except TimeoutError:
            reply.left = wish.leave_after is not None
            reply.code = "" if reply.left else "no_end"
        except (aiohttp.ClientError, OSError) as error:
            reply.code = type(error).__name__
        reply.ended = time.monotonic()
        if self.forgetful:
            reply.text = ""
        return reply

    async def load(self, wishes: Sequence[Wish], at_once: int, until: asyncio.Event) -> None:
        """So many clients, each of which asks again when it has its answer, until the event is set."""

        async def one(first: int) -> None:
            for place in itertools.count(first, at_once):
                if until.is_set():
                    return
                reply = await self.ask(wishes[place % len(wishes)])
                if not reply.complete and reply.first is None:
                    await asyncio.sleep(0.1)  # As a client does that is not out to do harm.

        async with asyncio.TaskGroup() as group:
            for place in range(at_once):
                group.create_task(one(place))

    async def _ask(self, wish: Wish, body: dict[str, Any], reply: Reply) -> None:
        assert self._session is not None
        headers = {
            "Authorization": f"Bearer {KEYS[wish.tenant]}",
            "X-Lemma-Class": wish.request_class,
            "X-Lemma-Customer": reply.customer,
            **wish.headers,
        }
        async with self._session.post("/v1/chat/completions", json=body, headers=headers) as response:
            reply.status = response.status
            if response.status != 200:
                reply.code = str((await response.json(content_type=None)).get("code"))
            elif wish.stream:
                await self._read(response, reply)
            else:
                self._whole(await response.json(), reply)

    async def _read(self, response: aiohttp.ClientResponse, reply: Reply) -> None:
        async for line in response.content:
            if not line.startswith(b"data:"):
                continue
            reply.first = reply.first or time.monotonic()
            data = line[5:].strip()
            if data == b"[DONE]":
                reply.complete = True
                continue
            event = json.loads(data)
            if "error" in event:
                reply.code = event["code"]
                continue
            for choice in event["choices"]:
                reply.text += choice["delta"].get("content") or ""
            if (usage := event.get("usage")) is not None:
                reply.part = max(reply.part, usage["completion_tokens"] - reply.tokens)
                reply.tokens = usage["completion_tokens"]
                reply.usage = _usage(usage)

    def _whole(self, body: dict[str, Any], reply: Reply) -> None:
        reply.text = body["choices"][0]["message"]["content"]
        reply.usage = _usage(body["usage"])
        reply.tokens = reply.usage[2]
        reply.complete = True


def _usage(usage: dict[str, Any]) -> tuple[int, int, int]:
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return usage["prompt_tokens"], cached, usage["completion_tokens"]


def p99(seconds: Sequence[float]) -> float:
    """The nearest rank; 0 of none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else 0.0
