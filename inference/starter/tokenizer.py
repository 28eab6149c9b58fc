"""The starter's tokenizer: byte-level BPE on invented documents, with single digits.

The splitting is that of the "smollm" family, which llama.cpp knows by name: digits one by one, then
the GPT-2 pattern. No merge crosses a newline or a tab, and runs of two to eight spaces are one token.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
VOCAB = 4096
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] }}"
    "{% if m['role'] == 'assistant' %}{{ '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)
_SPACE = "Ġ"


def _splitter(*, strict: bool) -> pre_tokenizers.PreTokenizer:
    steps = [
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ]
    if strict:  # Only for learning merges: newlines, tabs and runs of spaces stand alone.
        steps.insert(0, pre_tokenizers.Split(Regex(r"\n|\t| {2,}(?= )| {2,}$"), "isolated"))
    return pre_tokenizers.Sequence(steps)


def learn(texts: Iterable[str], vocab: int = VOCAB) -> Tokenizer:
    """A tokenizer learned from these texts, with the merges of spaces put first."""
    run_merges = [(1, 1), (2, 2), (4, 4), (4, 2), (2, 1), (4, 1), (6, 1)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(strict=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(m) for m in model["merges"] if set("".join(m)) != {_SPACE} and "Ċ" not in "".join(m)]
    merges = [(_SPACE * a, _SPACE * b) for a, b in run_merges] + merges
    pieces = list(SPECIAL) + sorted(pre_tokenizers.ByteLevel.alphabet())
    seen = set(pieces)
    for left, right in merges:
        if left + right not in seen:
            seen.add(left + right)
            pieces.append(left + right)
    pieces = pieces[:vocab]
    known = set(pieces)
    merges = [m for m in merges if m[0] in known and m[1] in known and m[0] + m[1] in known]
    final = Tokenizer(models.BPE(vocab={p: i for i, p in enumerate(pieces)}, merges=merges))
    final.pre_tokenizer = _splitter(strict=False)
    final.decoder = decoders.ByteLevel()
    final.add_special_tokens(list(SPECIAL))
    return final


def load(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def end_id(tokenizer: Tokenizer) -> int:
    """The id of the token that ends an answer."""
    number: int | None = tokenizer.token_to_id("<|end|>")
    if number is None:
        raise ValueError("this tokenizer has no <|end|>")
    return number
