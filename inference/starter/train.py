"""Trains the starter: `python -m starter.train --minutes 60`.

The budget is wall-clock time: lessons and the learning rate follow the share of it that is used up, so
that a fixed deadline always ends with a finished schedule. Stopping and starting again continues from
the last checkpoint, and time in between does not count. Matrices learn by Muon (Jordan et al., 2024),
embeddings and gains by AdamW.
"""

import argparse
import ctypes
import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from threading import Event

import torch

from starter.batches import Lessons, Shard, number_kinds
from starter.circuits import write_copying
from starter.data import ensure_tokenizer
from starter.model import Shape, Starter, load_stock
from starter.muon import Muon
from starter.side import agree, first, spread
from starter.teach import WORTH, Teacher, rightly, total
from starter.texts import BUILD, WEIGHTS
from starter.tokenizer import whole_of

OTHERS = {
    "tickets.*": 0.06,
    "contracts.*": 0.08,
    "meetings.*": 0.05,
    "transactions.*": 0.03,
    "questionnaires.*": 0.06,
}
FIRST = {"repeat": 0.35, "invoices.find": 0.25, "invoices.short": 0.4}
SECOND = {"repeat": 0.1, "invoices.find": 0.1, "invoices.short": 0.35, "*.short": 0.25, "invoices.part": 0.2}
THIRD = {"repeat": 0.03, "invoices.short": 0.2, "invoices.part": 0.35, "invoices.whole": 0.2, **OTHERS}
REAL = {
    "extra.tv_*": 0.06,
    "extra.receipts_*": 0.05,
    "extra.*invoice*": 0.04,
    "extra.contracts_*": 0.09,
    "extra.meetings_*": 0.03,
    "extra.support_*": 0.04,
    "extra.*": 0.05,
}
FOURTH = {"invoices.short": 0.02, "invoices.part": 0.12, "invoices.whole": 0.42, **REAL, **OTHERS}
LAST = {"invoices.part": 0.04, "invoices.whole": 0.5, **REAL, **OTHERS}
PLAN: tuple[tuple[float, int, dict[str, float]], ...] = (
    (0.05, 2, FIRST),
    (0.13, 2, SECOND),
    (0.28, 3, THIRD),
    (0.80, 3, FOURTH),
    (1.00, 4, LAST),
)
"""Until this share of the time: how large batches are, in quarters of the largest, and how often each lesson
(or all that a pattern fits) is drawn."""
TUNE = ((1.0, 4, {"extra.*": 0.5, "*.whole": 0.4, "*.unit": 0.1}),)

ENOUGH = 20 * 60
"""Seconds of training for which all lessons, and compiling, are worth their while."""

SIZES = {
    "small": {"width": 256, "layers": 6, "heads": 4, "kv_heads": 4, "hidden": 704},
    "base": {"width": 512, "layers": 11, "heads": 8, "kv_heads": 8, "hidden": 1408},
}
"""`small` is what two cores can train in an hour or two; `base` wants a GPU."""


@dataclass(slots=True)
class Progress:
    """Where training stands; saved with every checkpoint."""

    seconds: float = 0.0
    steps: int = 0
    tokens: int = 0
    answer_tokens: int = 0


class Run:
    """One training run in `build/`: model, optimisers, progress."""

    def __init__(
        self, shape: Shape, folder: Path, minutes: float, lessons: Lessons, workers: int = 1
    ) -> None:
        self.folder = folder
        self.workers = workers
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = Starter(shape)
        write_copying(self.model)
        self.model.to(self.device)
        self.teacher = Teacher(self.model).to(self.device)
        matrices = [p for n, p in self.model.named_parameters() if p.dim() == 2 and "embed" not in n]
        others = [p for n, p in self.model.named_parameters() if p.dim() < 2 or "embed" in n]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(
            [*others, *self.teacher.parameters()], lr=0.003, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        )
        self.rates = (0.02, 0.003)
        self.progress = Progress()
        self.budget = minutes * 60
        self.lessons = lessons
        self.parts = 1 if self.workers > 1 else 2
        self.stop = Event()
        self.plan = PLAN
        self.half = self.device == "cuda" or multiplies_halves()
        self.most = lessons.tokens
        self.kept: dict[str, Shard] = {}
        self.log = folder / "log.jsonl"

    def compile(self) -> None:
        """Fuses what each layer does, once for all layers and lengths."""
        for layer in self.model.layers:
            layer.compile(dynamic=True)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "teacher": self.teacher.state_dict(),
                "muon": self.muon.state_dict(),
                "adam": self.adam.state_dict(),
                "shape": self.model.shape.as_dict(),
                "progress": asdict(self.progress),
                "kinds": self.lessons.kinds,
                "used": {name: sorted(used) for name, used in self.lessons.used.items()},
            },
            partial,
        )
        partial.replace(self.checkpoint)

    def resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.teacher.load_state_dict(state["teacher"])
            self.muon.load_state_dict(state["muon"])
            self.adam.load_state_dict(state["adam"])
            self.progress = Progress(**state["progress"])
            self.lessons.kinds.update(state["kinds"])
            self.lessons.used.update({name: set(used) for name, used in state["used"].items()})

    def tune(self, weights: Path) -> None:
        """Goes on from exported weights: the last lessons only, at a third of the learning rate."""
        self.rates = (0.006, 0.001)
        self.plan = TUNE
        if not self.checkpoint.exists():
            self.model.load_state_dict(load_stock(weights).state_dict())

    def step(self, mix: Mapping[str, float]) -> dict[str, float]:
        """One step on some batches of different lessons; the mean of each loss."""
        share = min(1.0, self.progress.seconds / self.budget)
        # After 30 steps, or a tenth of the time where the machine is too slow for as many.
        warm = min(1.0, max((self.progress.steps + 1) / 30, share / 0.1))
        scale = warm * min(1.0, max(0.02, (1 - share) / 0.6))
        for optimiser, rate in zip((self.muon, self.adam), self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * scale
        batches = [self.lessons.draw(mix) for _ in range(self.parts)]
        started = time.monotonic()
        means = dict.fromkeys(WORTH, 0.0)
        for batch in batches:
            with torch.autocast(self.device, torch.bfloat16, enabled=self.half):
                found = self.teacher.losses(self.model, batch.to(self.device))
                loss = total(found) / self.parts
            loss.backward()
            for name, value in found.items():
                means[name] += float(value.detach()) / self.parts
        own = [
            *means.values(),
            sum(batch.tokens for batch in batches),
            sum(len(batch.labels) for batch in batches),
            self.stop.is_set(),
            time.monotonic() - started,
        ]
        *losses, tokens, answers, stop, _ = agree([*self.model.parameters(), *self.teacher.parameters()], own)
        torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)
        if stop:
            self.stop.set()
        self.progress.tokens += round(tokens * self.workers)
        self.progress.answer_tokens += round(answers * self.workers)
        self.progress.steps += 1
        (taken,) = agree([], [time.monotonic() - started])
        self.progress.seconds += taken
        return dict(zip(means, losses, strict=True))

    def go(self, stop_after: int | None = None) -> None:
        recent: list[dict[str, float]] = []
        saved = scored = time.monotonic()
        noted = self.progress.seconds
        while self.progress.seconds < self.budget and not self.stop.is_set():
            share = self.progress.seconds / self.budget
            quarters, mix = self._lessons_at(share)
            self.lessons.tokens = self.most * quarters // 4
            recent.append(self.step(mix))
            if len(recent) == 10 or self.progress.seconds - noted > 10:
                self._note(share, recent)
                recent, noted = [], self.progress.seconds
            if first() and time.monotonic() - saved > 120:
                self.save()
                saved = time.monotonic()
            if first() and time.monotonic() - scored > 400:
                self._write({"right": self.score()})
                scored = time.monotonic()
            if stop_after is not None and self.progress.steps >= stop_after:
                break
        if first():
            self.save()

    def _lessons_at(self, share: float) -> tuple[int, dict[str, float]]:
        """What to learn now. A run of a few minutes stays with the first lessons, in small steps."""
        reached = share * min(1.0, self.budget / ENOUGH)
        quarters, mix = next((q, mix) for until, q, mix in self.plan if reached < until or until == 1.0)
        return (quarters if self.budget >= ENOUGH else 1), mix

    @torch.no_grad()
    @torch.compiler.set_stance("force_eager")
    def score(self, documents: int = 40) -> dict[str, float]:
        """Of pages that are not trained on, the share of fields that come out right to the last token,
        where what stands before them is given. By task, and for paper by field too."""
        counts: dict[str, list[bool]] = {}
        begins = whole_of(self.lessons.tokenizer)
        if not self.kept:
            self.kept = self.lessons.kept(documents)
        for lesson, shard in self.kept.items():
            for batch in self.lessons.batches(shard):
                moved = batch.to(self.device)
                states = self.model.streams(moved.ids)[-1].reshape(-1, self.model.shape.width)
                said = self.model.logits(states[moved.where]).argmax(-1).tolist()
                for name, right in rightly(said, batch.labels.tolist(), begins):
                    counts.setdefault(lesson, []).append(right)
                    if lesson.startswith("invoices."):
                        counts.setdefault(name, []).append(right)
        return {name: round(sum(rights) / len(rights), 3) for name, rights in counts.items()}

    def _note(self, share: float, recent: list[dict[str, float]]) -> None:
        p = self.progress
        names = dict.fromkeys(name for means in recent for name in means)
        means = {n: round(sum(m.get(n, 0.0) for m in recent) / len(recent), 4) for n in names}
        rate = round(p.tokens / p.seconds)
        self._write({"step": p.steps, "share": round(share, 4), **means, "tokens": p.tokens, "rate": rate})

    def _write(self, entry: Mapping[str, object]) -> None:
        if not first():
            return
        print(json.dumps(entry), flush=True)
        with self.log.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def multiplies_halves() -> bool:
    """Whether this CPU multiplies matrices of bfloat16 in tiles (AMX). Training there reads 1.6 times as much
    in the same time; elsewhere bfloat16 is slower than float32."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def keep_memory() -> None:
    """Has the C library keep what is freed. Giving every large tensor back to the system, and having it
    cleared again, costs a third of the time on a CPU."""
    trim_threshold, mmap_threshold, mmap_max = -1, -3, -4
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # GNU only.
    if mallopt is not None:
        mallopt(mmap_threshold, 1 << 30)
        mallopt(mmap_max, 0)
        mallopt(trim_threshold, (1 << 31) - 1)


@dataclass(frozen=True, slots=True)
class Work:
    """What each process does."""

    args: argparse.Namespace
    workers: int

    def __call__(self, rank: int) -> None:
        args = self.args
        keep_memory()
        torch.manual_seed(args.seed)
        gpu = torch.cuda.is_available()
        tokenizer = ensure_tokenizer()
        most = args.batch_tokens or (32_768 if gpu else 4_096)
        lessons = Lessons(Random(), most, BUILD / "data", tokenizer)
        shape = Shape(vocab=tokenizer.get_vocab_size(), **SIZES[args.size or ("base" if gpu else "small")])
        run = Run(shape, args.folder, args.minutes, lessons, self.workers)
        if args.tune:
            run.tune(WEIGHTS)
        run.resume()
        number_kinds(lessons.kinds)
        lessons.rng.seed(f"{args.seed} {rank} {run.progress.steps}")
        if not args.no_compile and run.budget >= ENOUGH:
            run.compile()
        signal.signal(signal.SIGTERM, lambda *_: run.stop.set())
        run.go(args.steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="the whole budget, earlier parts of the run included"
    )
    parser.add_argument("--workers", type=int, default=None, help="processes; one with a GPU, else the cores")
    parser.add_argument("--batch-tokens", type=int, default=None, help="at most in a batch of one lesson")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=None, help="stop after this many steps")
    parser.add_argument("--size", choices=sorted(SIZES), default=None, help="base with a GPU, small without")
    parser.add_argument("--tune", action="store_true", help="begin from the committed weights, mix in more")
    parser.add_argument("--no-compile", action="store_true", help="where there is no C++ compiler")
    parser.add_argument("--folder", type=Path, default=BUILD / "run")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    ensure_tokenizer()
    usual = 1 if torch.cuda.is_available() else min(4, os.cpu_count() or 1)
    workers = args.workers or usual
    if workers == 1:
        Work(args, 1)(0)
    else:
        spread(Work(args, workers), workers)


if __name__ == "__main__":
    main()
