"""Parts of an answer as OpenAI chat completion bodies: one whole, or a stream of chunks."""

import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from lemma_inference.apis.problems import problem
from lemma_inference.engines.protocol import Alternative, Delta, Token, Usage
from lemma_inference.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Head:
    """What every body of one answer repeats."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def body(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


async def whole(head: Head, deltas: AsyncIterable[Delta], *, logprobs: bool) -> dict[str, Any]:
    """The complete answer in one body."""
    texts: list[str] = []
    tokens: list[Token] = []
    usage, finish = Usage(), None
    async for delta in deltas:
        texts.append(delta.text)
        tokens.extend(delta.tokens)
        usage, finish = delta.usage or usage, delta.finish or finish
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "".join(texts)},
        "finish_reason": finish,
        "logprobs": {"content": [_token(t) for t in tokens]} if logprobs else None,
    }
    return {**head.body("chat.completion"), "choices": [choice], "usage": _usage(usage)}


async def events(
    head: Head, deltas: AsyncGenerator[Delta, None], *, include_usage: bool
) -> AsyncGenerator[bytes, None]:
    """Server-sent events. A failure midway is an event with `error`, and the stream ends without [DONE]."""
    usage = Usage()
    role = {"role": "assistant"}
    async with aclosing(deltas):
        try:
            async for delta in deltas:
                usage = delta.usage or usage
                if delta.text or delta.tokens or delta.finish or role:
                    yield _event(_chunk(head, delta, role))
                    role = {}
        except ServiceError as error:
            yield _event(problem(error))
            return
    if include_usage:
        yield _event({**head.body("chat.completion.chunk"), "choices": [], "usage": _usage(usage)})
    yield b"data: [DONE]\n\n"


def _chunk(head: Head, delta: Delta, role: dict[str, str]) -> dict[str, Any]:
    content = {"content": delta.text} if delta.text or not delta.finish else {}
    choice: dict[str, Any] = {"index": 0, "delta": role | content, "finish_reason": delta.finish}
    if delta.tokens:
        choice["logprobs"] = {"content": [_token(t) for t in delta.tokens]}
    return {**head.body("chat.completion.chunk"), "choices": [choice]}


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }


def _token(token: Token) -> dict[str, Any]:
    return _alternative(token) | {"top_logprobs": _alternatives(token.top)}


def _alternatives(tokens: Iterable[Alternative]) -> list[dict[str, Any]]:
    return [_alternative(token) for token in tokens]


def _alternative(token: Alternative) -> dict[str, Any]:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.raw)}
