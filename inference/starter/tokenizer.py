"""The starter's tokenizer: byte-level BPE on invented documents, with single digits.

The splitting is that of the "smollm" family, which llama.cpp knows by name: digits one by one, then
the GPT-2 pattern. No merge crosses a newline or a tab, and runs of two to eight spaces are one token.

Some words of the prompt and the answer are whole tokens: the beginning of each numbered line, and the names
of the tasks' fields. An answer is a third shorter for it, and a model knows from one token what is asked.
No document holds them by chance, because they begin with a newline, or have an underscore.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from lemma.reading.schema import Task

SPECIAL = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
VOCAB = 4608
NUMBERED = 199
"""Lines up to this id begin with a token of their own; the ids of later ones are spelt out."""
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


def whole_tokens(tasks: Iterable[Task]) -> list[str]:
    """The words that are one token each, wherever they stand."""
    found: dict[str, None] = dict.fromkeys(f"\n{number}" for number in range(1, NUMBERED + 1))
    for task in tasks:
        for field in task.fields:
            found[f"\n{field.name}:" + ("" if field.columns else " ")] = None
            if field.columns and field.each:
                found.update(dict.fromkeys(f"\n{column.name}: " for column in field.columns))
            for column in field.columns:
                found[f"\n- {column.name}: "] = found[f"\n  {column.name}: "] = None
        for name in (path.split(".")[-1] for path, _ in task.all_fields()):
            if "_" in name:
                found[f" {name}"] = None
    return list(found)


def learn(texts: Iterable[str], whole: Sequence[str], vocab: int = VOCAB) -> Tokenizer:
    """A tokenizer learned from these texts, with the merges of spaces put first and `whole` at the end."""
    vocab -= len(whole)
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
    final.add_tokens([AddedToken(words, normalized=False, special=False) for words in whole])
    return final


def whole_of(tokenizer: Tokenizer) -> dict[int, str]:
    """The tokens that are whole words of ours, by their ids."""
    added = tokenizer.get_added_tokens_decoder()
    return {number: token.content for number, token in added.items() if not token.special}


def load(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def end_id(tokenizer: Tokenizer) -> int:
    """The id of the token that ends an answer."""
    number: int | None = tokenizer.token_to_id("<|end|>")
    if number is None:
        raise ValueError("this tokenizer has no <|end|>")
    return number
