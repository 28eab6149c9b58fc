"""What the bodies of chats and completions have in common: heads, usage, events."""

import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import orjson

from lemma_inference.apis.problems import problem
from lemma_inference.engines.protocol import Delta, Usage
from lemma_inference.errors import ServiceError

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Head:
    """What every body of one answer repeats."""

    model: str
    prefix: str
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    def body(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"{self.prefix}-{self.id}",
            "object": kind,
            "created": self.created,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Events:
    """Server-sent events of one answer. `chunk` makes the choice of a delta, or None where it shows nothing;
    its second argument says whether it is the first."""

    head: Head
    kind: str
    chunk: Callable[[Delta, bool], dict[str, Any] | None]
    usage_at_end: bool = False
    usage_on_chunks: bool = False

    async def of(self, deltas: AsyncGenerator[Delta, None]) -> AsyncGenerator[bytes, None]:
        """A failure midway is an event with `error`, and the stream ends without [DONE]."""
        usage, first = Usage(), True
        head = self.head.body(self.kind)
        async with aclosing(deltas):
            try:
                async for delta in deltas:
                    usage = delta.usage or usage
                    choice = self.chunk(delta, first)
                    if choice is None:
                        continue
                    first = False
                    body = {**head, "choices": [choice]}
                    yield event(body | {"usage": usage_body(usage)} if self.usage_on_chunks else body)
            except ServiceError as error:
                yield event(problem(error))
                return
        if self.usage_at_end:
            yield event({**head, "choices": [], "usage": usage_body(usage)})
        yield DONE


def event(body: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


def usage_body(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }
