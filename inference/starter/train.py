"""Trains the starter: `python -m starter.train --minutes 60`.

The budget is wall-clock time: lessons and the learning rate follow the share of it that is used up, so
that a fixed deadline always ends with a finished schedule. Stopping and starting again continues from
the last checkpoint, and time in between does not count. Matrices learn by Muon (Jordan et al., 2024),
embeddings and gains by AdamW.
"""

import argparse
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

import numpy as np
import torch
from torch import Tensor

from starter.circuits import write_copying
from starter.model import Shape, Starter
from starter.muon import Muon
from starter.texts import BUILD

PLAN: tuple[tuple[float, dict[str, float]], ...] = (
    (0.05, {"repeat": 0.4, "find": 0.3, "short": 0.3}),
    (0.28, {"repeat": 0.1, "find": 0.3, "short": 0.6}),
    (0.42, {"short": 0.3, "part": 0.2, "whole": 0.5}),
    (1.00, {"whole": 0.7, "part": 0.1, "short": 0.2}),
)
"""Until this share of the time, the lessons and how often each is drawn."""


@dataclass(slots=True)
class Batch:
    """Sequences padded at the end: ids (batch, length); loss at flat positions `where`, labels (n,)."""

    ids: Tensor
    where: Tensor
    labels: Tensor
    tokens: int


@dataclass(slots=True)
class Lessons:
    """Draws batches of sequences of similar length from the shards of each lesson."""

    rng: Random
    tokens: int
    waiting: dict[str, list[Batch]] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)

    def draw(self, mix: dict[str, float]) -> Batch:
        names = [name for name in mix if any((BUILD / "data" / name).glob("*.npz"))]
        if not names:
            raise SystemExit(f"There is no data for {', '.join(mix)}; run: make starter-data")
        name = self.rng.choices(names, [mix[n] for n in names])[0]
        if not self.waiting.get(name):
            self.waiting[name] = list(self._shard(name))
        return self.waiting[name].pop()

    def _shard(self, name: str) -> Iterator[Batch]:
        """Batches of the next shards that were not used in this round, in random order."""
        paths = sorted(p for p in (BUILD / "data" / name).glob("*.npz") if "partial" not in p.name)
        used = self.used.setdefault(name, set())
        fresh = [p for p in paths if p.name not in used]
        if not fresh:
            used.clear()
            fresh = paths
        path = self.rng.choice(fresh)
        used.add(path.name)
        data = np.load(path)
        ids, ends, answers = data["ids"], data["ends"], data["answers"]
        starts = np.concatenate(([0], ends[:-1]))
        order = sorted(range(len(ends)), key=lambda i: (ends[i] - starts[i], self.rng.random()))
        groups: list[list[int]] = [[]]
        for i in order:
            length = int(ends[i] - starts[i])
            if groups[-1] and (len(groups[-1]) + 1) * length > self.tokens:
                groups.append([])
            groups[-1].append(i)
        self.rng.shuffle(groups)
        for group in groups:
            yield _batch([ids[starts[i] : ends[i]] for i in group], [int(answers[i]) for i in group])


def _batch(sequences: list["np.ndarray[tuple[int], np.dtype[np.uint16]]"], answers: list[int]) -> Batch:
    length = -(-max(len(s) for s in sequences) // 16) * 16
    ids = np.zeros((len(sequences), length), np.int64)
    where, labels = [], []
    for row, (sequence, answer) in enumerate(zip(sequences, answers, strict=True)):
        ids[row, : len(sequence)] = sequence
        where.append(row * length + np.arange(answer - 1, len(sequence) - 1))
        labels.append(sequence[answer:].astype(np.int64))
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(np.concatenate(where)),
        torch.from_numpy(np.concatenate(labels)),
        sum(map(len, sequences)),
    )


@dataclass(slots=True)
class Progress:
    """Where training stands; saved with every checkpoint."""

    seconds: float = 0.0
    steps: int = 0
    tokens: int = 0
    answer_tokens: int = 0


class Run:
    """One training run in `build/`: model, optimisers, progress."""

    def __init__(self, shape: Shape, folder: Path, minutes: float, batch_tokens: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.folder = folder
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = Starter(shape)
        write_copying(self.model, seed)
        self.model.to(self.device)
        matrices = [p for n, p in self.model.named_parameters() if p.dim() == 2 and "embed" not in n]
        others = [p for n, p in self.model.named_parameters() if p.dim() < 2 or "embed" in n]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=0.003, betas=(0.9, 0.98), weight_decay=0.0)
        self.rates = (0.01, 0.003)
        self.progress = Progress()
        self.budget = minutes * 60
        self.lessons = Lessons(Random(seed), batch_tokens)
        self.log = folder / "log.jsonl"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "muon": self.muon.state_dict(),
                "adam": self.adam.state_dict(),
                "shape": self.model.shape.as_dict(),
                "progress": vars_of(self.progress),
            },
            partial,
        )
        partial.replace(self.checkpoint)

    def resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.muon.load_state_dict(state["muon"])
            self.adam.load_state_dict(state["adam"])
            self.progress = Progress(**state["progress"])
            self.lessons.rng.seed(self.progress.steps)

    def step(self, batch: Batch) -> float:
        share = min(1.0, self.progress.seconds / self.budget)
        scale = min(1.0, (self.progress.steps + 1) / 30) * min(1.0, max(0.02, (1 - share) / 0.5))
        for optimiser, rate in zip((self.muon, self.adam), self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * scale
        started = time.monotonic()
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device == "cuda"):
            loss = self.model.loss(
                batch.ids.to(self.device), batch.where.to(self.device), batch.labels.to(self.device)
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)
        value = float(loss.detach())
        self.progress.seconds += time.monotonic() - started
        self.progress.steps += 1
        self.progress.tokens += batch.tokens
        self.progress.answer_tokens += len(batch.labels)
        return value

    def go(self, stop_after: int | None = None) -> None:
        recent: list[float] = []
        saved = time.monotonic()
        stop = Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        while self.progress.seconds < self.budget and not stop.is_set():
            share = self.progress.seconds / self.budget
            mix = next(mix for until, mix in PLAN if share < until or until == 1.0)
            recent.append(self.step(self.lessons.draw(mix)))
            if len(recent) == 10:
                self._note(share, mix, sum(recent) / len(recent))
                recent = []
            if time.monotonic() - saved > 120:
                self.save()
                saved = time.monotonic()
            if stop_after is not None and self.progress.steps >= stop_after:
                break
        self.save()

    def _note(self, share: float, mix: dict[str, float], loss: float) -> None:
        p = self.progress
        entry = {
            "step": p.steps,
            "share": round(share, 4),
            "loss": round(loss, 4),
            "tokens": p.tokens,
            "rate": round(p.tokens / p.seconds),
            "lesson": max(mix, key=lambda name: mix[name]),
        }
        print(json.dumps(entry), flush=True)
        with self.log.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def vars_of(progress: Progress) -> dict[str, float | int]:
    return {
        "seconds": progress.seconds,
        "steps": progress.steps,
        "tokens": progress.tokens,
        "answer_tokens": progress.answer_tokens,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="the whole budget, earlier parts of the run included"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--batch-tokens", type=int, default=4_096)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=None, help="stop after this many steps")
    parser.add_argument("--folder", type=Path, default=BUILD / "run")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.folder.mkdir(parents=True, exist_ok=True)
    run = Run(Shape(vocab=4096), args.folder, args.minutes, args.batch_tokens, args.seed)
    run.resume()
    run.go(args.steps)


if __name__ == "__main__":
    main()
