"""Parts of an answer as OpenAI completion bodies: one whole, or a stream of chunks."""

from collections.abc import AsyncIterable, Iterable
from typing import Any

from lemma_inference.apis.render import Head, usage_body
from lemma_inference.engines.protocol import Delta, Token, Usage

PREFIX = "cmpl"
KIND = "text_completion"


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
        "text": "".join(texts),
        "finish_reason": finish,
        "logprobs": _logprobs(tokens, 0) if logprobs else None,
    }
    return {**head.body(KIND), "choices": [choice], "usage": usage_body(usage)}


class Chunks:
    """The choices of a stream. It knows how much text there was, which the offsets of tokens are counted
    in."""

    def __init__(self) -> None:
        self._offset = 0

    def __call__(self, delta: Delta, first: bool) -> dict[str, Any] | None:
        if not (first or delta.text or delta.tokens or delta.finish):
            return None
        logprobs = _logprobs(delta.tokens, self._offset) if delta.tokens else None
        self._offset += len(delta.text)
        return {"index": 0, "text": delta.text, "finish_reason": delta.finish, "logprobs": logprobs}


def _logprobs(tokens: Iterable[Token], offset: int) -> dict[str, Any]:
    """OpenAI's older form: lists side by side. Of two tokens with the same text the likelier one stands."""
    found = list(tokens)
    offsets = []
    for token in found:
        offsets.append(offset)
        offset += len(token.text)
    return {
        "tokens": [token.text for token in found],
        "token_logprobs": [token.logprob for token in found],
        "top_logprobs": [{a.text: a.logprob for a in reversed(token.top)} for token in found],
        "text_offset": offsets,
    }
