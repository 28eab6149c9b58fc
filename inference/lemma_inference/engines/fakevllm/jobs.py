"""One request from its ask to the last byte of its answer. It owns a request in the scheduler."""

import hashlib
import random
import struct
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from lemma_inference.engines.fake import walk
from lemma_inference.engines.fakevllm import replies
from lemma_inference.engines.fakevllm.asks import Ask
from lemma_inference.engines.fakevllm.engine import Engine
from lemma_inference.engines.fakevllm.faults import Faults
from lemma_inference.engines.fakevllm.metrics import Metrics
from lemma_inference.engines.fakevllm.scheduler import Request
from lemma_inference.engines.fakevllm.tokens import Chain, Tokens, Writing, cut, filler
from lemma_inference.engines.fakevllm.wire import Exchange
from lemma_inference.errors import EngineRefused

END = b"<|end|>"
INTERNAL = {
    "error": {"message": "Internal server error", "type": "InternalServerError", "param": None, "code": 500}
}
_CLOSERS = frozenset(b'"}]')
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_BLANK = frozenset(b" \t\r\n")


class _Terse(random.Random):
    """Chooses bytes as a model of few words would: it closes what is open and wastes no blanks."""

    def choice(self, seq: Any) -> Any:
        closers = [byte for byte in seq if byte in _CLOSERS]
        if closers and self.random() < 0.4:
            return closers[0]
        plain = [byte for byte in seq if byte in _PLAIN] or [byte for byte in seq if byte not in _BLANK]
        return super().choice(plain or seq)


@dataclass(frozen=True, slots=True)
class Shop:
    """What every job works with. `token_written` is called for each token of any answer."""

    engine: Engine
    tokens: Tokens
    metrics: Metrics
    answer_tokens: int
    prompt_details: bool
    token_written: Callable[[], None]


class Job:
    """An answer, streamed or in one piece. `identity` is what every chunk repeats: id, time, model."""

    def __init__(
        self,
        shop: Shop,
        exchange: Exchange,
        ask: Ask,
        identity: dict[str, Any],
        faults: Faults,
        headers: Callable[[], list[tuple[str, str]]],
    ) -> None:
        self._shop, self._exchange, self._faults = shop, exchange, faults
        # A prompt can be long, and from here on only its blocks' hashes are needed.
        self._ask = replace(ask, prompt=b"")
        self._identity = identity
        self._headers = headers
        self._writing = Writing(ask.stops)
        self._chain = Chain(shop.tokens, ask.prompt, ask.salt)
        self._source = self._answer(zlib.crc32(ask.prompt, (ask.seed or 0) & 0xFFFFFFFF))
        self._chunks = replies.Chunks(ask.api, identity) if ask.stream else None
        self._tokens: list[bytes] = []
        self._sent = 0
        self._sent_characters = 0
        self._opened = False
        self._garbled = False
        self._failed = False
        self._finish: str | None = None
        self._came = time.perf_counter()
        self.request = Request(
            id=identity["id"],
            prompt=shop.tokens.count(ask.prompt),
            max_tokens=ask.max_tokens,
            priority=ask.priority,
            arrival=self._came,
            hashes=self._chain.hashes,
            owner=self,
        )

    def start(self) -> None:
        """Into the queue. A stream's head goes out at once, as with vLLM: what fails later fails in it."""
        self._exchange.gone = self.leave
        self._shop.engine.submit(self.request)
        if self._chunks:
            self._exchange.drained = self._show
            self._exchange.open(self._headers())

    def leave(self) -> None:
        """Nobody waits for it any more."""
        self._shop.engine.abort(self.request)

    def joined(self) -> None:
        if not self.request.preemptions:
            self._shop.metrics.queued.add(time.perf_counter() - self._came)

    def write(self) -> bool:
        try:
            token = next(self._source, None)
        except EngineRefused:
            # The grammar came to a point where nothing may follow.
            token, self._failed = None, True
        stop = token is None
        if token is not None:
            self._chain.add(token)
            stop = self._writing.add(token)
        if not self._tokens:
            self._shop.metrics.first_token.add(time.perf_counter() - self._came)
        self._tokens.append(END if token is None else token)
        self._shop.token_written()
        if stop:
            self._finish = "stop"
        elif self.request.output >= self.request.max_tokens:
            self._finish = "length"
        if self._chunks:
            self._show()
        return stop

    def finished(self) -> None:
        self._shop.metrics.whole.add(time.perf_counter() - self._came)
        if not self._chunks:
            self._answer_whole()

    def _answer(self, number: int) -> Iterator[bytes]:
        """The tokens of the answer, which the number decides; where they end, the model ends its turn."""
        ask, width = self._ask, self._shop.tokens.width
        if ask.lark is not None and not self._faults.leave_grammar:
            return cut(walk(ask.lark, _Terse(number)), width)
        words = filler(width, number)
        if ask.ignore_eos:
            return words
        length = max(self._shop.answer_tokens, ask.min_tokens)
        return (word for word, _ in zip(words, range(length), strict=False))

    def _show(self) -> None:
        """Sends what has not been sent, in one chunk, unless the client is still busy with what it has."""
        chunks, exchange, faults = self._chunks, self._exchange, self._faults
        if chunks is None or not exchange.writable or exchange.complete:
            return
        tokens = self._tokens[self._sent :]
        if not tokens or self._broken(self._sent + 1):
            return
        data = b""
        running = self._ask.usage_in_chunks
        if not self._opened and self._ask.api == "chat":
            data = chunks.first(self._usage(0) if running else None)
        self._opened = True
        text = self._writing.delta(last=self._finish is not None)
        logprobs = self._logprobs(tokens)
        self._sent += len(tokens)
        self._sent_characters += len(text)
        counts = self._usage(self._sent) if running else None
        data += chunks.delta(text, logprobs, self._ends() if self._finish else None, counts)
        if faults.garbage_after is not None and self._sent > faults.garbage_after and not self._garbled:
            self._garbled = True
            data += b'data: {"id": "chatcmpl-\n\n'
        if not self._finish:
            exchange.write(data)
            return
        if self._ask.usage_at_end:
            data += chunks.last(self._usage(self._sent, details=True))
        exchange.write(data + replies.DONE)
        exchange.close()

    def _broken(self, due: int) -> bool:
        """Whether a fault comes before the token of this number, which this then brings about."""
        faults = self._faults
        if faults.stall_after is not None and due > faults.stall_after:
            return True
        if faults.close_after is not None and due > faults.close_after:
            self._exchange.kill()
            return True
        if self._failed or (faults.error_after is not None and due > faults.error_after):
            self._shop.engine.abort(self.request)
            if self._ask.stream:
                self._exchange.write(f"data: {replies.as_json(INTERNAL)}\n\n".encode() + replies.DONE)
                self._exchange.close()
            else:
                self._exchange.json(500, INTERNAL)
            return True
        return False

    def _answer_whole(self) -> None:
        if self._broken(len(self._tokens)):
            return
        if self._faults.garbage_after is not None:
            self._exchange.send(200, b'{"id": "chatcmpl-')
            return
        self._writing.delta(last=True)
        body = replies.whole(
            self._ask.api,
            self._identity,
            self._writing.text,
            self._logprobs(self._tokens),
            self._ends(),
            self._usage(len(self._tokens), details=True),
        )
        self._exchange.json(200, body, self._headers())

    def _ends(self) -> tuple[str, str | None]:
        return self._finish or "stop", self._writing.stopped_by

    def _logprobs(self, tokens: Sequence[bytes]) -> Any:
        top = self._ask.logprobs
        if top is None:
            return None
        if self._ask.api == "chat":
            return replies.chat_logprobs(tokens, self._sent, top)
        return replies.completion_logprobs(tokens, self._sent, top, self._sent_characters)

    def _usage(self, completion: int, *, details: bool = False) -> dict[str, Any]:
        """Running counts have no details, the last one has if they are switched on; so it is in vLLM."""
        if self._faults.wrong_usage is not None:
            completion = round(completion * self._faults.wrong_usage)
        cached = self.request.cached if details and self._shop.prompt_details else None
        return replies.usage(self.request.prompt, completion, cached)


class EmbeddingJob:
    """Vectors that depend on the text and mean nothing. Each input is a request in the scheduler."""

    def __init__(
        self,
        shop: Shop,
        exchange: Exchange,
        asks: Sequence[Ask],
        identity: dict[str, Any],
        size: int,
        base64: bool,
    ) -> None:
        self._shop, self._exchange, self._asks = shop, exchange, asks
        self._identity, self._size, self._base64 = identity, size, base64
        self._left = len(asks)
        came = time.perf_counter()
        self._requests = [
            Request(
                id=f"{identity['id']}-{place}",
                prompt=shop.tokens.count(ask.prompt),
                max_tokens=0,
                priority=ask.priority,
                arrival=came,
                hashes=shop.tokens.chain(ask.prompt, ask.salt),
                owner=self,
            )
            for place, ask in enumerate(asks)
        ]

    def start(self) -> None:
        self._exchange.gone = self.leave
        for request in self._requests:
            self._shop.engine.submit(request)

    def leave(self) -> None:
        for request in self._requests:
            self._shop.engine.abort(request)

    def joined(self) -> None:
        """Queue times are kept for answers."""

    def write(self) -> bool:
        raise EngineRefused("An embedding has no tokens.")

    def finished(self) -> None:
        self._left -= 1
        if self._left:
            return
        data = [
            {"object": "embedding", "index": place, "embedding": self._vector(ask.prompt)}
            for place, ask in enumerate(self._asks)
        ]
        count = sum(request.prompt for request in self._requests)
        body = {**self._identity, "object": "list", "data": data, "usage": replies.usage(count, 0)}
        self._exchange.json(200, body)

    def _vector(self, prompt: bytes) -> list[float] | str:
        raw = hashlib.shake_128(prompt).digest(2 * self._size)
        numbers = [number + 0.5 for number in struct.unpack(f"<{self._size}h", raw)]
        length = sqrt(sum(number * number for number in numbers))
        unit = [number / length for number in numbers]
        return b64encode(struct.pack(f"<{self._size}f", *unit)).decode() if self._base64 else unit
