"""Invented documents as token shards: `python -m starter.data --all`.

A shard holds `ids` (all sequences end to end), `ends` (where each ends), `answers` (where, inside each, the
answer begins), and for each token the marks of `starter.marks`.
"""

import argparse
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from lemma.tasks.builtin import builtin
from starter import repeat
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
    np.savez(partial, **shard_of(kept))
    partial.rename(path)
    return len(kept), sum(len(one.ids) for one in kept)


ALL = {
    "repeat": 12_000,
    "invoices.find": 6_000,
    "invoices.short": 30_000,
    "invoices.part": 10_000,
    "invoices.whole": 10_000,
}
"""Documents of each lesson that `--all` makes: more than an hour of training on two cores sees."""


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


def make(lesson: str, documents: int, seed: int, *, shard: int = 2_500, longest: int = 2_048) -> None:
    """Writes the shards of one lesson; those that exist are kept."""
    tokenizer = ensure_tokenizer()
    for first in range(0, documents, shard):
        started = time.monotonic()
        path = BUILD / "data" / lesson / f"{seed:03d}-{first:07d}.npz"
        if path.exists():
            continue
        count = min(shard, documents - first)
        if lesson == "repeat":
            sequences = repeat.sequences(count, seed * 1_000_003 + first, tokenizer)
        else:
            sequences = (mark(one, tokenizer) for one in invent(lesson, count, seed * 1_000_003 + first))
        kept, tokens = write_shard(path, sequences, longest)
        rate = count / (time.monotonic() - started)
        print(f"{lesson} {path.name}: {kept} documents, {tokens} tokens, {rate:.0f} documents/s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every lesson, in the usual amounts")
    parser.add_argument("--lesson", choices=["repeat", *sorted(LESSONS)], default="invoices.whole")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--shard", type=int, default=2_500, help="documents in one shard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=2_048, help="tokens; longer documents are left out")
    parser.add_argument("--show", type=int, default=0, help="print this many texts instead")
    args = parser.parse_args()
    if args.show:
        for prompt, answer in texts(args.lesson, args.show, args.seed):
            print(prompt + answer, end="\n\n")
    elif args.all:
        ensure_tokenizer()
        with ProcessPoolExecutor() as pool:
            list(pool.map(make, ALL, ALL.values(), [args.seed] * len(ALL)))
    else:
        make(args.lesson, args.documents, args.seed, shard=args.shard, longest=args.longest)


if __name__ == "__main__":
    main()
