"""Answers as vLLM words them. Chunks are put together from text, because there are so many of them."""

import json
import math
import zlib
from collections.abc import Sequence
from typing import Any

from lemma_inference.engines.fakevllm.asks import Api

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
DONE = b"data: [DONE]\n\n"
_RIVALS = (
    "-",
    "1",
    " the",
    "a",
    "0",
    ",",
    '"',
    "{",
    "}",
    "\n",
    "yes",
    "no",
    " of",
    " to",
    "x",
    ":",
    "[",
    "]",
    "s",
    "e",
    ".",
    " and",
)
_OBJECTS = {
    "chat": ("chat.completion", "chat.completion.chunk"),
    "completion": ("text_completion", "text_completion"),
}


def as_json(value: Any) -> str:
    """Without blanks, as vLLM writes it."""
    return _ENCODE(value)


def usage(prompt: int, completion: int, cached: int | None = None) -> dict[str, Any]:
    """`cached` None leaves the details out."""
    counts: dict[str, Any] = {
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "completion_tokens": completion,
    }
    if cached is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": cached}
    return counts


def whole(
    api: Api,
    identity: dict[str, Any],
    text: str,
    logprobs: Any,
    ends: tuple[str, str | None],
    counts: dict[str, Any],
) -> dict[str, Any]:
    """The answer in one piece. `ends` is the reason and the stop string that was met."""
    finish, stop = ends
    choice: dict[str, Any] = {"index": 0, "logprobs": logprobs, "finish_reason": finish, "stop_reason": stop}
    if api == "chat":
        choice["message"] = {"role": "assistant", "content": text, "refusal": None, "tool_calls": []}
    else:
        choice["text"] = text
    return {**identity, "object": _OBJECTS[api][0], "choices": [choice], "usage": counts}


class Chunks:
    """The chunks of one stream, as server-sent events."""

    def __init__(self, api: Api, identity: dict[str, Any]) -> None:
        self._api = api
        head = as_json({**identity, "object": _OBJECTS[api][1]})
        self._head = f"data: {head[:-1]},"

    def first(self, counts: dict[str, Any] | None) -> bytes:
        """The chunk with the role, which only chat has."""
        delta = '"delta":{"role":"assistant","content":""}'
        return self._event(f'"choices":[{{"index":0,{delta},"logprobs":null,"finish_reason":null}}]', counts)

    def delta(
        self, text: str, logprobs: Any, ends: tuple[str, str | None] | None, counts: dict[str, Any] | None
    ) -> bytes:
        body = f'"delta":{{"content":{as_json(text)}}}' if self._api == "chat" else f'"text":{as_json(text)}'
        listed = "null" if logprobs is None else as_json(logprobs)
        end = '"finish_reason":null'
        if ends is not None:
            end = f'"finish_reason":"{ends[0]}","stop_reason":{as_json(ends[1])}'
        return self._event(f'"choices":[{{"index":0,{body},"logprobs":{listed},{end}}}]', counts)

    def last(self, counts: dict[str, Any]) -> bytes:
        """The chunk without a choice."""
        return self._event('"choices":[]', counts)

    def _event(self, choices: str, counts: dict[str, Any] | None) -> bytes:
        tail = "" if counts is None else f',"usage":{as_json(counts)}'
        return f"{self._head}{choices}{tail}}}\n\n".encode("utf-8", "replace")


def alternatives(token: bytes, place: int, top: int) -> list[tuple[bytes, float]]:
    """Invented log-probabilities: the token itself, then others, up to `top` in all but at least one. What
    they say is at least possible: the probabilities sum to less than 1, and the token is the likeliest."""
    probability = 0.5 + 0.499 * (zlib.crc32(token, place) / 0xFFFFFFFF)
    listed = [(token, math.log(probability))]
    rest = 1.0 - probability
    for rival in _RIVALS:
        if len(listed) >= top:
            break
        if rival.encode() != token:
            rest /= 2
            listed.append((rival.encode(), math.log(rest)))
    return listed


def chat_logprobs(tokens: Sequence[bytes], first: int, top: int) -> dict[str, Any]:
    """`first` is the place of the first of these tokens in the answer."""
    content = []
    for place, token in enumerate(tokens, first):
        entries = [_entry(raw, logprob) for raw, logprob in alternatives(token, place, top)]
        content.append({**entries[0], "top_logprobs": entries if top else []})
    return {"content": content}


def completion_logprobs(tokens: Sequence[bytes], first: int, top: int, offset: int) -> dict[str, Any]:
    """`offset` is the number of characters before these tokens."""
    lists: dict[str, list[Any]] = {"text_offset": [], "token_logprobs": [], "tokens": [], "top_logprobs": []}
    for place, token in enumerate(tokens, first):
        listed = alternatives(token, place, top)
        text = token.decode("utf-8", "replace")
        lists["text_offset"].append(offset)
        lists["token_logprobs"].append(listed[0][1])
        lists["tokens"].append(text)
        lists["top_logprobs"].append({raw.decode("utf-8", "replace"): logprob for raw, logprob in listed})
        offset += len(text)
    return lists


def _entry(raw: bytes, logprob: float) -> dict[str, Any]:
    return {"token": raw.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(raw)}
