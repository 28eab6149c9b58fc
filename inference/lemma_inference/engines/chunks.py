"""What engines send, read: lines of a stream, chunks of both of OpenAI's forms, probabilities, vectors."""

import base64
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson

from lemma_inference.engines.protocol import Alternative, Delta, Finish, Token, Usage
from lemma_inference.errors import EngineLost

# One part of an answer is at most so long; a line beyond it is no answer.
LONGEST_LINE = 8 * 1024 * 1024
DONE = b"[DONE]"


async def events(read: Callable[[], Awaitable[bytes]]) -> AsyncGenerator[bytes, None]:
    """The data of server-sent events, up to [DONE] or the end. What arrived together is split together, which
    at many streams is most of the work."""
    rest = b""
    while data := await read():
        *lines, rest = (rest + data).split(b"\n") if rest else data.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                event = line[5:].strip()
                if event == DONE:
                    return
                yield event
        if len(rest) > LONGEST_LINE:
            raise EngineLost("The engine sent a line without an end.")
    if rest.startswith(b"data:") and rest[5:].strip() != DONE:
        yield rest[5:].strip()


def parsed(data: bytes) -> dict[str, Any]:
    """A JSON object. Raises `EngineLost` where it is none."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise EngineLost("The engine sent what is not JSON.") from error
    if not isinstance(found, dict):
        raise EngineLost("The engine sent what is not an answer.")
    return found


def delta(chunk: dict[str, Any], usage: Usage | None, *, tops: bool = True) -> Delta:
    """A part of an answer, of a chat or a completion. Without `tops` tokens have no alternatives."""
    if "error" in chunk:
        raise EngineLost("The engine failed while it worked on the answer.")
    choices = chunk.get("choices")
    if not choices:
        return Delta(usage=usage)
    choice = choices[0]
    reason = choice.get("finish_reason")
    finish: Finish | None = None if not reason else "length" if reason == "length" else "stop"
    text = (choice["text"] if "text" in choice else choice.get("delta", {}).get("content")) or ""
    logprobs = choice.get("logprobs")
    if not logprobs:
        return Delta(text, (), finish, usage)
    tokens = _tokens(logprobs)
    if not tops:
        tokens = tuple(replace(token, top=()) for token in tokens)
    return Delta(text, _without_end_token(tokens, text) if finish == "stop" else tokens, finish, usage)


def vector(value: list[float] | str) -> tuple[float, ...]:
    """An embedding, as numbers or as base64 of little-endian floats of four bytes."""
    if isinstance(value, str):
        data = base64.b64decode(value, validate=True)
        if len(data) % 4:
            raise ValueError("a vector is a row of four bytes each")
        return struct.unpack(f"<{len(data) // 4}f", data)
    return tuple(map(float, value))


def error_member(body: bytes) -> dict[str, Any]:
    """The OpenAI error object, wherever the engine put it; at worst an empty one."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = found.get("error", found) if isinstance(found, dict) else {}
    return error if isinstance(error, dict) else {"message": str(error)}


def _without_end_token(tokens: tuple[Token, ...], text: str) -> tuple[Token, ...]:
    """vLLM lists the token that ends the turn, of which the text has nothing; llama.cpp does not."""
    written = text.encode()
    without = b"".join(token.raw for token in tokens[:-1])
    complete = b"".join(token.raw for token in tokens)
    return tokens[:-1] if written.endswith(without) and not written.endswith(complete) else tokens


def _tokens(logprobs: dict[str, Any]) -> tuple[Token, ...]:
    """Both of OpenAI's forms: of chats, with bytes, and of completions, as lists side by side."""
    if "content" in logprobs:
        return tuple(_token(entry) for entry in logprobs["content"] or ())
    texts, values = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    tops = logprobs.get("top_logprobs") or [None] * len(texts)
    return tuple(
        Token(
            text,
            text.encode(),
            float(value if value is not None else 0.0),
            tuple(
                Alternative(other, other.encode(), float(logprob)) for other, logprob in (top or {}).items()
            ),
        )
        for text, value, top in zip(texts, values, tops, strict=False)
    )


def _token(entry: dict[str, Any]) -> Token:
    top = tuple(
        Alternative(t["token"], _raw(t), float(t["logprob"])) for t in entry.get("top_logprobs") or ()
    )
    return Token(entry["token"], _raw(entry), float(entry["logprob"]), top)


def _raw(entry: dict[str, Any]) -> bytes:
    raw = entry.get("bytes")
    return bytes(raw) if raw is not None else str(entry["token"]).encode()
