"""An engine that obeys the grammar and nothing else: it walks a random path of allowed tokens."""

import random
from collections.abc import Sequence
from functools import lru_cache

from llguidance import LLMatcher, LLTokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lemma.reading.reader import Answer, Request, TokenLogprob

NEWLINE = 10


@lru_cache(maxsize=1)
def byte_tokenizer() -> LLTokenizer:
    """Every byte is a token; token 256 ends the text."""
    return LLTokenizer("byte")


def matcher(grammar: str) -> LLMatcher:
    """A matcher for a grammar that must be valid."""
    made = LLMatcher(byte_tokenizer(), grammar)
    assert not made.is_error(), made.get_error()
    return made


def accepts(grammar: str, text: str) -> bool:
    """Whether the grammar allows exactly this text."""
    data = list(text.encode())
    walked = matcher(grammar)
    return walked.try_consume_tokens(data) == len(data) and walked.is_accepting()


def allowed(mask: bytes) -> list[int]:
    """The token ids of a bit mask, without the one that ends the text."""
    return [token for token in range(256) if mask[token >> 3] >> (token & 7) & 1]


def walk(
    grammar: str, chooser: random.Random, limit: int = 20_000, haste: float = 0.3, rows: float = 0.3
) -> tuple[str, bool]:
    """A random text of the grammar, and whether it came to its end within `limit` bytes.

    Uniform choice would hardly ever leave a long line or a table, so newlines (`haste`) and the ends of
    tables (`rows` is the chance of one more) are hurried along.
    """
    walked = matcher(grammar)
    out = bytearray()
    while len(out) < limit:
        mask = walked.compute_bitmask()
        tokens = allowed(mask)
        if not tokens or (walked.is_accepting() and chooser.random() > rows):
            return out.decode(), True
        at_line = not out or out[-1] == NEWLINE
        if NEWLINE in tokens and chooser.random() < haste:
            token = NEWLINE
        elif at_line and ord("-") in tokens and len(tokens) > 1 and chooser.random() > rows:
            token = chooser.choice([token for token in tokens if token != ord("-")])
        else:
            token = chooser.choice(tokens)
        assert walked.consume_token(token), walked.get_error()
        out.append(token)
    return out.decode(errors="ignore"), False


def answer_randomly(request: Request, chooser: random.Random, limit: int | None = None) -> Answer:
    """Answers a request by a random walk, with a token for each character."""
    text, ended = walk(request.grammar, chooser, limit or request.max_tokens)
    return answer(text, ended=ended)


def answer(text: str, *, ended: bool = True, logprob: float = -0.1) -> Answer:
    """An answer with this text."""
    tokens: Sequence[TokenLogprob] = [
        TokenLogprob(character, logprob, ((character, logprob), ("\x00", -3.0))) for character in text
    ]
    return Answer(text, "stop" if ended else "length", tokens, 10, len(text))


@lru_cache(maxsize=1)
def pair_tokenizer() -> LLTokenizer:
    """A byte-level BPE tokenizer, as models have them: its tokens cross the borders of the format."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    texts = [
        "title: 1 Invoice\nlines:\n- description: 12 x\n  amount: 12 1.200,50\nnet: ? 3\n",
        "日本 合計 é €",
    ]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts * 20, trainer)
    return LLTokenizer(made.to_str(), eos_token=0)


def answer_by_pairs(request: Request, chooser: random.Random) -> Answer:
    """Answers a request by a random walk over BPE tokens, reported as engines report them: a token that
    is part of a character has a replacement character for its text."""
    tokenizer = pair_tokenizer()
    walked = LLMatcher(tokenizer, request.grammar)
    assert not walked.is_error(), walked.get_error()
    out: list[TokenLogprob] = []
    data = b""
    while len(out) < request.max_tokens:
        mask = walked.compute_bitmask()
        ids = [i for i in range(1, tokenizer.vocab_size) if mask[i >> 3] >> (i & 7) & 1]
        if not ids or (walked.is_accepting() and chooser.random() > 0.3):
            return Answer(data.decode(), "stop", out, 10, len(out))
        ends = [i for i in ids if tokenizer.decode_bytes([i]).endswith(b"\n")]
        token = chooser.choice(ends if ends and chooser.random() < 0.3 else ids)
        assert walked.consume_token(token), walked.get_error()
        piece = tokenizer.decode_bytes([token])
        data += piece
        out.append(TokenLogprob(piece.decode(errors="replace"), -chooser.random(), (("?", -1.0),)))
    return Answer(data.decode(errors="ignore"), "length", out, 10, len(out))
