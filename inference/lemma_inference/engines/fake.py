"""An engine without a model: it obeys grammars, counts, streams, and takes the time that it is told to.

One byte is one token. The same request gets the same answer. It holds the caller to its promise: more
requests than slots is an error here, so that a test notices.
"""

import asyncio
import hashlib
import json
import math
import random
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from llguidance import LLMatcher, LLTokenizer

from lemma_inference.engines.protocol import (
    Alternative,
    Ask,
    Delta,
    EmbedAsk,
    Embeddings,
    Health,
    Logprobs,
    Token,
    Usage,
)
from lemma_inference.errors import ContextOverflow, EngineRefused

BYTES = 256


@dataclass
class FakeEngine:
    """`pace` is seconds for each token of the answer. The counts are for tests to read."""

    slots: int = 4
    context: int = 65_536
    pace: float = 0.0
    seed: int = 0
    running: int = 0
    peak: int = 0
    served: int = 0
    aborted: int = 0

    name = "fake"
    logprobs: Logprobs = "masked"

    def health(self) -> Health:
        return Health(ready=True, detail="The fake engine is always ready.")

    async def wait_ready(self, seconds: float) -> bool:
        return True

    async def count(self, text: str) -> int:
        return len(text.encode())

    async def generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        if self.running >= self.slots:
            raise EngineRefused(f"All {self.slots} slots are taken; the caller must queue.")
        prompt = _prompt_tokens(ask)
        if prompt >= self.context:
            raise ContextOverflow(
                f"The prompt has {prompt} tokens; the model's context is {self.context}.",
                prompt_tokens=prompt,
                context=self.context,
            )
        self.running += 1
        self.peak = max(self.peak, self.running)
        finished = False
        try:
            for delta in self._deltas(ask, prompt):
                await asyncio.sleep(self.pace * len(delta.text.encode()))
                finished = finished or delta.finish is not None
                yield delta
            self.served += 1
        finally:
            self.running -= 1
            self.aborted += not finished

    async def embed(self, ask: EmbedAsk) -> Embeddings:
        most = self.context if ask.truncate == -1 else ask.truncate
        inputs = [tuple(one.encode() if isinstance(one, str) else one)[:most] for one in ask.inputs]
        vectors = tuple(_vector(str(one), ask.dimensions or 8) for one in inputs)
        return Embeddings(vectors, Usage(prompt=sum(map(len, inputs))))

    def _deltas(self, ask: Ask, prompt: int) -> Iterator[Delta]:
        """One delta for each character, and a last one with the reason for the end."""
        asked = json.dumps([[dict(m) for m in ask.messages], ask.prompt, ask.grammar, ask.seed, self.seed])
        digest = hashlib.sha256(asked.encode()).digest()
        rng = random.Random(digest)  # noqa: S311 - repeatable, not secret
        room = min(ask.max_tokens or self.context, self.context - prompt)
        done = 0
        text = ""
        for character in walk(ask.grammar, rng) if ask.grammar is not None else iter("fake"):
            if done + len(character.encode()) > room:
                yield Delta(finish="length", usage=Usage(prompt, 0, done))
                return
            done += len(character.encode())
            text += character
            if any(text.endswith(stop) for stop in ask.stop):
                break
            tokens = (_token(character, rng, ask.top_logprobs),) if ask.top_logprobs is not None else ()
            yield Delta(character, tokens, usage=Usage(prompt, 0, done))
        yield Delta(finish="stop", usage=Usage(prompt, 0, done))


def _prompt_tokens(ask: Ask) -> int:
    if ask.prompt is not None:
        return len(ask.prompt.encode() if isinstance(ask.prompt, str) else ask.prompt)
    return sum(len(message["content"].encode()) for message in ask.messages)


def _vector(text: str, dimensions: int) -> tuple[float, ...]:
    """A direction of its own for each text, of length 1."""
    rng = random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - repeatable, not secret
    values = [rng.gauss(0.0, 1.0) for _ in range(dimensions)]
    length = math.sqrt(sum(value * value for value in values))
    return tuple(value / length for value in values)


def walk(grammar: str, rng: random.Random) -> Iterator[str]:
    """Characters of a path through the grammar. Endless where the grammar is and `rng` never stops."""
    matcher = LLMatcher(LLTokenizer("byte"), LLMatcher.grammar_from_lark(grammar), log_level=0)
    pending = b""
    while True:
        step = matcher.compute_ff_bytes()
        if not step:
            if matcher.is_stopped() or (matcher.is_accepting() and rng.random() < 0.5):
                return
            mask = int.from_bytes(matcher.compute_bitmask()[: BYTES // 8], "little")
            choices = [byte for byte in range(BYTES) if mask >> byte & 1]
            if not choices and matcher.is_accepting():
                return
            if not choices:
                raise EngineRefused(f"The grammar failed: {matcher.get_error() or 'nothing may follow'}")
            step = bytes([rng.choice(choices)])
        if not matcher.consume_tokens(list(step)):
            raise EngineRefused(f"The grammar failed: {matcher.get_error()}")
        pending += step
        try:
            whole, pending = pending.decode(), b""
        except UnicodeDecodeError:
            continue
        yield from whole


def _token(character: str, rng: random.Random, top: int | None) -> Token:
    """Invented probabilities that are at least possible: token and rival sum to 1 at most."""
    probability = rng.uniform(0.5, 0.999)
    itself = Alternative(character, character.encode(), math.log(probability))
    other = "-" if character != "-" else "1"
    rival = Alternative(other, other.encode(), math.log(1.0 - probability))
    return Token(itself.text, itself.raw, itself.logprob, (itself, rival)[: top or 0])
