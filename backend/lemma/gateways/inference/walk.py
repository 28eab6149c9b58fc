"""A path through a grammar without a model: what the honest fake answers with.

llguidance says at each step which bytes may follow; a generator seeded by the request picks one. So the
fake's answers are never outside the grammar, differ between documents, and repeat exactly.
"""

import random

from llguidance import LLMatcher, LLTokenizer

from lemma.gateways.inference.errors import InferenceRefused

BYTES = 256


def walk(grammar: str, *, rng: random.Random, max_tokens: int) -> tuple[str, bool]:
    """An answer that the grammar allows, and whether it is complete.

    One byte is one token: an answer of more than `max_tokens` bytes is cut off, at a whole character.
    Raises `InferenceRefused` where llguidance does not understand the grammar.
    """
    tokenizer = LLTokenizer("byte")
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
    if matcher.is_error():
        raise InferenceRefused(f"The grammar is not valid: {matcher.get_error()}", upstream="grammar_invalid")
    out = bytearray()
    while len(out) < max_tokens:
        forced = matcher.compute_ff_bytes()
        if forced:
            step = list(forced[: max_tokens - len(out)])
        elif matcher.is_stopped() or (matcher.is_accepting() and rng.random() < 0.5):
            return out.decode(), True
        else:
            choices = _allowed(matcher.compute_bitmask())
            if not choices and matcher.is_accepting():
                return out.decode(), True
            if not choices:
                raise InferenceRefused("The grammar allows nothing to follow.", upstream="grammar_failed")
            step = [rng.choice(choices)]
        if not matcher.consume_tokens(step):
            raise InferenceRefused(f"The grammar failed: {matcher.get_error()}", upstream="grammar_failed")
        out += bytes(step)
    return out.decode(errors="ignore"), bool(matcher.is_accepting())


def _allowed(mask: bytes) -> list[int]:
    """The bytes that a token mask allows; special tokens, which stand above them, are left out."""
    bits = int.from_bytes(mask[: BYTES // 8], "little")
    return [byte for byte in range(BYTES) if bits >> byte & 1]
