"""From the chunks of an OpenAI chat completion stream to one `Completion`. Pure: no network in here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lemma.gateways.inference.errors import InferenceInterrupted
from lemma.gateways.inference.protocol import Completion, Finish, TokenLogprob

DONE = "[DONE]"


@dataclass
class Assembly:
    """Collects chunks. `add` takes the data of one server-sent event, `completion` gives the whole."""

    model: str
    texts: list[str] = field(default_factory=list)
    logprobs: list[dict[str, Any]] = field(default_factory=list)
    finish: Finish | None = None
    usage: dict[str, Any] | None = None
    done: bool = False

    def add(self, data: str) -> None:
        """One event. Raises `InferenceInterrupted` where the service says that it failed midway."""
        if data == DONE:
            self.done = True
            return
        try:
            chunk: dict[str, Any] = json.loads(data)
        except json.JSONDecodeError as broken:
            raise InferenceInterrupted("The model service sent a chunk that is not JSON.") from broken
        if "error" in chunk:
            raise InferenceInterrupted(
                f"The model service failed midway: {chunk['error'].get('message', '')}"
            )
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk.get("choices", ()):
            self.texts.append(choice.get("delta", {}).get("content") or "")
            self.logprobs.extend((choice.get("logprobs") or {}).get("content") or ())
            if choice.get("finish_reason"):
                self.finish = "length" if choice["finish_reason"] == "length" else "stop"

    def completion(self) -> Completion:
        """The whole answer. Raises `InferenceInterrupted` where the stream ended before its end."""
        if self.finish is None or self.usage is None:
            raise InferenceInterrupted("The model service closed the stream before the answer was complete.")
        return Completion(
            text="".join(self.texts),
            finish=self.finish,
            model=self.model,
            prompt_tokens=int(self.usage.get("prompt_tokens", 0)),
            completion_tokens=int(self.usage.get("completion_tokens", 0)),
            tokens=tuple(whole_characters(self.logprobs)),
        )


def whole_characters(entries: Iterable[dict[str, Any]]) -> Iterable[TokenLogprob]:
    """Tokens whose texts join to the answer, though a byte-level token may end inside a character.

    Such a token gets an empty text; the one that completes the character gets all of it.
    """
    pending = b""
    for entry in entries:
        raw = entry.get("bytes")
        pending += bytes(raw) if raw is not None else str(entry.get("token", "")).encode()
        text, pending = _complete_part(pending)
        top = tuple((str(t.get("token", "")), float(t["logprob"])) for t in entry.get("top_logprobs") or ())
        yield TokenLogprob(text, float(entry["logprob"]), top)


def _complete_part(raw: bytes) -> tuple[str, bytes]:
    """The characters that are complete, and the bytes of one that is not yet. Invalid bytes become U+FFFD."""
    try:
        return raw.decode(), b""
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return raw[: error.start].decode(errors="replace"), raw[error.start :]
        return raw.decode(errors="replace"), b""
