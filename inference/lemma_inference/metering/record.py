"""What is written down of a request: who, what, how much, and how it ended."""

import zlib
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from lemma_inference.classes import RequestClass

# `recovered` is a request that was under way when the gateway was killed: its last counts were kept.
Finish = Literal["stop", "length", "aborted", "failed", "refused", "recovered"]

# No line is longer: the names in it have limits of their own, and numbers are numbers.
LONGEST_RECORD = 2048


class Wasted(NamedTuple):
    """An attempt that was thrown away: where, and what the replica had done for it by then."""

    replica: str
    prompt: int
    cached: int
    completion: int


@dataclass(slots=True)
class Record:
    """One request. `at` and `end` are seconds since 1970, UTC; a budget counts a request where it began.

    `prompt`, `cached` (of the prompt, from the engine's cache) and `completion` are the tokens of the attempt
    that counts; `wasted_...` those of attempts that were thrown away, which nobody is billed for, and
    `wasted` says on which replicas.
    """

    id: str
    at: float
    end: float
    tenant: str
    customer: str
    key: str
    request_class: RequestClass
    model: str
    replica: str
    prompt: int
    cached: int
    completion: int
    wasted_prompt: int
    wasted_completion: int
    attempts: int
    finish: Finish
    seq: int = 0
    wasted: tuple[Wasted, ...] = ()

    @property
    def tokens(self) -> int:
        """What counts against a budget."""
        return self.prompt + self.completion

    def body(self) -> dict[str, Any]:
        """As it is exported. `wasted` is there only where something was."""
        body: dict[str, Any] = {
            "seq": self.seq,
            "id": self.id,
            "at": self.at,
            "end": self.end,
            "tenant": self.tenant,
            "customer": self.customer,
            "key": self.key,
            "class": self.request_class,
            "model": self.model,
            "replica": self.replica,
            "prompt": self.prompt,
            "cached": self.cached,
            "completion": self.completion,
            "wasted_prompt": self.wasted_prompt,
            "wasted_completion": self.wasted_completion,
            "attempts": self.attempts,
            "finish": self.finish,
        }
        if self.wasted:
            body["wasted"] = [list(one) for one in self.wasted]
        return body

    def line(self) -> bytes:
        """As it is written. So many lost attempts that they do not fit are told by their sum alone."""
        body = self.body()
        line = seal(body)
        if len(line) > LONGEST_RECORD:
            body.pop("wasted", None)
            line = seal(body)
        return line


# The end of each line but its newline: ,"crc":"01234567"}
TAIL = 18


def seal(body: dict[str, Any]) -> bytes:
    """A line of JSON with a checksum of all before it as the last member."""
    data = orjson.dumps(body)
    return data[:-1] + b',"crc":"%08x"}\n' % zlib.crc32(data)


def unseal(line: bytes) -> dict[str, Any] | None:
    """The members of a line without its newline; None where it is torn or altered."""
    data, tail = line[:-TAIL] + b"}", line[-TAIL:]
    if tail != b',"crc":"%08x"}' % zlib.crc32(data):
        return None
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def read(line: bytes) -> Record | None:
    """The record of a line without its newline; None where it is torn or altered."""
    body = unseal(line)
    if body is None:
        return None
    try:
        body["request_class"] = body.pop("class")
        body["wasted"] = tuple(Wasted(*one) for one in body.get("wasted", ()))
        return Record(**body)
    except (KeyError, TypeError):
        return None
