"""Invented documents as token shards: `python -m starter.data --lesson short --documents 30000 --seed 1`.

A shard holds `ids` (all sequences end to end), `ends` (where each ends) and `answers` (where, inside
each, the answer begins).
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from starter import tokenizer as tok
from starter.lessons import LESSONS
from starter.texts import BUILD, texts


def write_shard(path: Path, pairs: Iterator[tuple[str, str]], tokenizer: Tokenizer, longest: int) -> int:
    """Encodes texts to a shard; leaves out sequences over `longest` tokens. Returns the tokens written."""
    ids: list[int] = []
    ends: list[int] = []
    answers: list[int] = []
    for prompt, answer in pairs:
        before = tokenizer.encode(prompt).ids
        after = tokenizer.encode(answer).ids
        if len(before) + len(after) > longest:
            continue
        answers.append(len(before))
        ids += before
        ids += after
        ends.append(len(ids))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        ids=np.array(ids, np.uint16),
        ends=np.array(ends, np.int64),
        answers=np.array(answers, np.int32),
    )
    partial.rename(path)
    return len(ids)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", choices=sorted(LESSONS), required=True)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--shard", type=int, default=2_500, help="documents in one shard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=2_048)
    parser.add_argument("--show", type=int, default=0, help="print this many texts instead")
    args = parser.parse_args()
    if args.show:
        for prompt, answer in texts(args.lesson, args.show, args.seed):
            print(prompt + answer, end="\n\n")
        return
    tokenizer = tok.load(BUILD / "tokenizer.json")
    for first in range(0, args.documents, args.shard):
        started = time.monotonic()
        path = BUILD / "data" / args.lesson / f"{args.seed:03d}-{first:07d}.npz"
        if path.exists():
            continue
        count = min(args.shard, args.documents - first)
        pairs = texts(args.lesson, count, args.seed * 1_000_003 + first)
        tokens = write_shard(path, pairs, tokenizer, args.longest)
        rate = count / (time.monotonic() - started)
        print(f"{path.name}: {count} documents, {tokens} tokens, {rate:.0f} documents/s", flush=True)


if __name__ == "__main__":
    main()
