"""Parts of an answer as OpenAI chat completion bodies: one whole, or a stream of chunks."""

from collections.abc import AsyncIterable, Iterable
from typing import Any

from lemma_inference.apis.render import Head, usage_body
from lemma_inference.engines.protocol import Alternative, Delta, Token, Usage

PREFIX = "chatcmpl"


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
        "message": {"role": "assistant", "content": "".join(texts), "refusal": None},
        "finish_reason": finish,
        "logprobs": {"content": [_token(t) for t in tokens]} if logprobs else None,
    }
    return {**head.body("chat.completion"), "choices": [choice], "usage": usage_body(usage)}


def chunk(delta: Delta, first: bool) -> dict[str, Any] | None:
    """The choice of one chunk. The first names the role; one without anything to say is left out."""
    if not (first or delta.text or delta.tokens or delta.finish):
        return None
    role = {"role": "assistant"} if first else {}
    content = {"content": delta.text} if delta.text or not delta.finish else {}
    choice: dict[str, Any] = {"index": 0, "delta": role | content, "finish_reason": delta.finish}
    if delta.tokens:
        choice["logprobs"] = {"content": [_token(t) for t in delta.tokens]}
    return choice


def _token(token: Token) -> dict[str, Any]:
    return _alternative(token) | {"top_logprobs": _alternatives(token.top)}


def _alternatives(tokens: Iterable[Alternative]) -> list[dict[str, Any]]:
    return [_alternative(token) for token in tokens]


def _alternative(token: Alternative) -> dict[str, Any]:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.raw)}
