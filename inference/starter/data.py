"""Invented documents as token shards: `python -m starter.data --hours 1`.

A shard holds `ids` (all sequences end to end), `ends` (where each ends), `answers` (where, inside each, the
answer begins), and for each token the marks of `starter.marks`.
"""

import argparse
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
from tokenizers import Tokenizer

from lemma.tasks.builtin import builtin
from starter import extra, repeat
from starter import tokenizer as tok
from starter.lessons import LESSONS
from starter.marks import Marked, mark, shard_of
from starter.texts import BUILD, ROOT, invent, texts
from starter.vocabulary import corpus


def write_shard(path: Path, sequences: Iterable[Marked], longest: int) -> tuple[int, int]:
    """Writes a shard; leaves out sequences over `longest` tokens. Returns how many, and their tokens."""
    kept = [one for one in sequences if len(one.ids) <= longest]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **shard_of(kept))
    partial.rename(path)
    return len(kept), sum(len(one.ids) for one in kept)


AN_HOUR = {
    "repeat": 4_000,
    "invoices.find": 2_500,
    "invoices.short": 12_000,
    "invoices.part": 6_000,
    "invoices.whole": 8_000,
    "tickets.short": 2_500,
    "contracts.short": 2_500,
    "meetings.short": 2_000,
    "tickets.whole": 5_000,
    "tickets.reply": 3_000,
    "contracts.whole": 3_000,
    "meetings.whole": 5_000,
    "questionnaires.unit": 4_000,
    "transactions.unit": 6_000,
}
"""Documents of each lesson that an hour of training on two cores needs. A GPU wants many times as many."""
SHARD = 1_500
FEWEST = 200


def ensure_tokenizer() -> Tokenizer:
    """The tokenizer of this checkout: from the build, else the committed one, else newly learned."""
    path = BUILD / "tokenizer.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        committed = ROOT / "weights" / "tokenizer.json"
        if committed.exists():
            path.write_bytes(committed.read_bytes())
        else:
            tok.learn(corpus(), tok.whole_tokens(builtin().values())).save(str(path))
    return tok.load(path)


def make(lesson: str, seed: int, first: int, count: int, longest: int = 2_048) -> None:
    """Writes one shard of a lesson, unless it is there."""
    path = BUILD / "data" / lesson / f"{seed:03d}-{first:07d}-{count}.npz"
    if path.exists():
        return
    started, tokenizer = time.monotonic(), ensure_tokenizer()
    if lesson == "repeat":
        sequences = repeat.sequences(count, seed * 1_000_003 + first, tokenizer)
    else:
        sequences = (mark(one, tokenizer) for one in invent(lesson, count, seed * 1_000_003 + first))
    kept, tokens = write_shard(path, sequences, longest)
    rate = count / (time.monotonic() - started)
    print(f"{lesson} {path.name}: {kept} documents, {tokens} tokens, {rate:.0f} documents/s", flush=True)


def make_extra(folder: Path, name: str, longest: int = 2_048) -> None:
    """Writes the lessons of a labelled set, unless they are there."""
    if any((BUILD / "data" / f"extra.{name}").glob("*.npz")):
        return
    tokenizer = ensure_tokenizer()
    sequences = [mark(one, tokenizer) for one in extra.lessons(folder, name)]
    Random(name).shuffle(sequences)
    for first in range(0, len(sequences), SHARD):
        part = sequences[first : first + SHARD]
        kept, tokens = write_shard(BUILD / "data" / f"extra.{name}" / f"{first:07d}.npz", part, longest)
        print(f"extra.{name}: {kept} documents, {tokens} tokens", flush=True)


def shards(documents: Mapping[str, int], seed: int) -> list[tuple[str, int, int, int]]:
    """What `make` is to be called with."""
    return [
        (lesson, seed, first, min(SHARD, count - first))
        for lesson, count in documents.items()
        for first in range(0, count, SHARD)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="how much two cores could read in that time")
    parser.add_argument("--lesson", choices=["repeat", *sorted(LESSONS)], help="only this one")
    parser.add_argument("--documents", type=int, default=1_500, help="of that one lesson")
    parser.add_argument("--extra", type=Path, help="a folder of labelled sets to be mixed in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many texts instead")
    args = parser.parse_args()
    if args.show:
        for prompt, answer in texts(args.lesson or "invoices.whole", args.show, args.seed):
            print(prompt + answer, end="\n\n")
        return
    ensure_tokenizer()
    documents = {name: max(FEWEST, round(count * args.hours)) for name, count in AN_HOUR.items()}
    if args.lesson:
        documents = {args.lesson: args.documents}
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(make, *shard) for shard in shards(documents, args.seed)]
        if args.extra is not None:
            waiting += [pool.submit(make_extra, args.extra, name) for name in extra.sets_in(args.extra)]
        for each in waiting:
            each.result()


if __name__ == "__main__":
    main()
