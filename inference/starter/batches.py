"""Shards to batches: sequences of similar length together, the lessons in the shares that a plan names."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from lemma.tasks.builtin import builtin
from starter.lessons import LESSONS
from starter.marks import NOWHERE, mark, shard_of, tag
from starter.teach import KINDS, Batch
from starter.texts import invent

Shard = Mapping[str, "np.ndarray[Any, np.dtype[Any]]"]


@dataclass(slots=True)
class Lessons:
    """Draws batches from the shards in `folder`. Shards that appear later are seen; each is used once in a
    round. `kinds` numbers the kinds of words; further ones are not told apart."""

    rng: Random
    tokens: int
    folder: Path
    tokenizer: Tokenizer
    kinds: dict[int, int] = field(default_factory=dict)
    waiting: dict[str, list[Batch]] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)

    def draw(self, mix: Mapping[str, float]) -> Batch:
        """A batch of a lesson drawn by the weights of `mix`, whose names may be patterns. Lessons that one
        pattern fits share its weight by the root of their sizes, so that the small ones are heard too."""
        there = {path.name: _size(path) for path in sorted(self.folder.iterdir()) if any(_shards(path))}
        weights: dict[str, float] = {}
        for pattern, weight in mix.items():
            fits = [name for name in there if fnmatchcase(name, pattern)]
            whole = sum(there[name] for name in fits)
            for name in fits:
                weights[name] = weights.get(name, 0.0) + weight * there[name] / whole
        if not weights:
            raise SystemExit(f"There is no data for {', '.join(mix)}; run: make starter-data")
        name = self.rng.choices(list(weights), list(weights.values()))[0]
        if not self.waiting.get(name):
            self.waiting[name] = list(self._next(name))
        return self.waiting[name].pop()

    def _next(self, name: str) -> Iterator[Batch]:
        """Batches of the newest shard that was not used in this round, in random order."""
        paths = {path.name: path for path in _shards(self.folder / name)}
        used = self.used.setdefault(name, set())
        if not paths.keys() - used:
            used.clear()
        fresh = max(paths.keys() - used, key=lambda n: paths[n].stat().st_mtime)
        used.add(fresh)
        with np.load(paths[fresh]) as data:
            yield from self.batches({key: data[key] for key in data.files})

    def kept(self, documents: int) -> dict[str, Shard]:
        """Pages for the log, by task: of layouts held out from training where a task has such."""
        found: dict[str, Shard] = {}
        for name in ("held_out", "whole"):
            for lesson in LESSONS:
                task, _, form = lesson.partition(".")
                if form == name and not any(other.startswith(f"{task}.") for other in found):
                    pages = (mark(one, self.tokenizer) for one in invent(lesson, documents, seed=99_991))
                    found[lesson] = shard_of([page for page in pages if len(page.ids) <= 2_048])
        return found

    def batches(self, shard: Shard) -> Iterator[Batch]:
        """All of a shard."""
        ends = shard["ends"]
        starts = np.concatenate(([0], ends[:-1]))
        order = sorted(range(len(ends)), key=lambda i: (int(ends[i] - starts[i]), self.rng.random()))
        groups: list[list[int]] = [[]]
        for i in order:
            length = -(-int(ends[i] - starts[i]) // 32) * 32
            if groups[-1] and (len(groups[-1]) + 1) * length > self.tokens:
                groups.append([])
            groups[-1].append(i)
        self.rng.shuffle(groups)
        for group in groups:
            if group:
                spans = [(int(starts[i]), int(ends[i]), int(shard["answers"][i])) for i in group]
                yield self._batch(shard, spans)

    def _batch(self, shard: Shard, spans: list[tuple[int, int, int]]) -> Batch:
        length = -(-max(end - start for start, end, _ in spans) // 32) * 32
        ids = np.zeros((len(spans), length), np.int64)
        parts: dict[str, list[np.ndarray[Any, Any]]] = {}

        def put(name: str, values: "np.ndarray[Any, Any]") -> None:
            parts.setdefault(name, []).append(values.astype(np.int64))

        for row, (start, end, answer) in enumerate(spans):
            ids[row, : end - start] = shard["ids"][start:end]
            put("where", row * length + np.arange(answer - 1, end - start - 1))
            put("labels", shard["ids"][start + answer : end])
            words, kinds = self._words(shard["tags"][start:end], shard["lines"][start:end])
            put("words", row * length + words)
            put("kinds", kinds)
            put("lines", shard["lines"][start:end][words])
            points = shard["points"][start:end]
            lookers = np.flatnonzero(points != NOWHERE)
            put("lookers", row * length + lookers)
            put("looks", points[lookers])
        tensors = {name: torch.from_numpy(np.concatenate(values)) for name, values in parts.items()}
        return Batch(torch.from_numpy(ids), **tensors, tokens=sum(end - start for start, end, _ in spans))

    def _words(
        self, tags: "np.ndarray[Any, Any]", lines: "np.ndarray[Any, Any]"
    ) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
        """All places where something is known to stand, and about as many where nothing does, with kinds."""
        something = np.array([n for n in np.flatnonzero(lines) if int(tags[n]) in self.kinds], np.int64)
        nothing = np.flatnonzero((tags == 0) & (lines > 0))
        if len(nothing) > len(something) + 4:
            chosen = self.rng.sample(range(len(nothing)), len(something) + 4)
            nothing = nothing[np.array(chosen, np.int64)]
        kinds = np.array([self.kinds[int(t)] for t in tags[something]], np.int64)
        return (
            np.concatenate((something, nothing)),
            np.concatenate((kinds, np.zeros(len(nothing), np.int64))),
        )


def number_kinds(kinds: dict[int, int]) -> None:
    """Numbers the fields and columns of all tasks after those that have a number already. 0 is nothing."""
    for task in builtin().values():
        for path, _ in task.all_fields():
            for first in (False, True):
                if len(kinds) < KINDS - 1:
                    kinds.setdefault(tag(f"{task.id}.{path}", first=first), len(kinds) + 1)


def _size(folder: Path) -> float:
    return math.sqrt(sum(path.stat().st_size for path in _shards(folder)))


def _shards(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*.npz") if ".partial" not in path.name)
