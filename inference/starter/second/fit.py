"""Fits the marker of `lemma.second` on what `starter.second.pages` wrote: `python -m starter.second.fit`."""

import argparse
import json
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor, nn

from lemma.reading.schema import Task, load_task
from lemma.second.features import BUCKETS
from lemma.second.marker import REACH, Marker
from starter.second.pages import LESSONS_OF, Page, classes, folder, load
from starter.texts import ROOT

BACKEND = ROOT.parents[1] / "backend" / "lemma"
WIDTH = 48


class Net(nn.Module):
    """The marker as it is fitted; `Marker` is the same in numpy."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, WIDTH, mode="sum")
        nn.init.normal_(self.table.weight, std=0.05)
        self.bias = nn.Parameter(torch.zeros(WIDTH))
        self.near = nn.Linear(WIDTH * (2 * REACH + 1), WIDTH)
        self.out = nn.Linear(WIDTH, outputs)

    def forward(self, page: Page, drop: float = 0.0) -> Tensor:
        features = torch.from_numpy(page.features.astype(np.int64))
        starts = torch.from_numpy(np.concatenate(([0], page.ends[:-1])).astype(np.int64))
        weights = None
        if drop:
            weights = (torch.rand(len(features)) > drop).float() / (1 - drop)
        seen = torch.relu(self.table(features, starts, per_sample_weights=weights) + self.bias)
        padded = nn.functional.pad(seen, (0, 0, REACH, REACH))
        beside = torch.cat([padded[at : at + len(seen)] for at in range(2 * REACH + 1)], dim=1)
        return self.out(torch.relu(self.near(beside)))

    def loss(self, page: Page, drop: float) -> Tensor:
        likely = self(page, drop).log_softmax(dim=1)
        labels = torch.from_numpy(page.labels.astype(np.int64))
        known = torch.from_numpy(page.known)
        nothing = torch.logsumexp(
            torch.where(known & (torch.arange(len(known)) > 0), -torch.inf, likely), dim=1
        )
        said = likely.gather(1, labels[:, None])[:, 0]
        return -torch.where(labels == 0, nothing, said).mean()


def fit(task: Task, pages: list[Page], real: list[Page], minutes: float, seed: int) -> Net:
    """Fits for some minutes, with the real pages in every third place."""
    torch.manual_seed(seed)
    rng = Random(seed)
    net = Net(len(classes(task)))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.004)
    started, step, total = time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - started) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 0.004 * max(0.02, 1 - share)
        optimiser.zero_grad()
        for _ in range(12):
            page = rng.choice(real if real and rng.random() < 0.35 else pages)
            loss = net.loss(page, 0.15) / 12
            loss.backward()
            total += float(loss.detach())
        optimiser.step()
        step += 1
        if step % 50 == 0:
            print(
                json.dumps({"step": step, "share": round(share, 3), "loss": round(total / 50, 4)}), flush=True
            )
            total = 0.0
    return net


def as_marker(task: Task, net: Net) -> Marker:
    """The weights as the product loads them, the table in bytes."""
    table = net.table.weight.detach().numpy()
    scale = np.abs(table).max(axis=0) / 127
    return Marker(
        classes(task),
        np.round(table / scale).astype(np.int8),
        scale.astype(np.float32),
        net.bias.detach().numpy(),
        net.near.weight.detach().numpy().T.copy(),
        net.near.bias.detach().numpy(),
        net.out.weight.detach().numpy().T.copy(),
        net.out.bias.detach().numpy(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--task", choices=sorted(LESSONS_OF), default="invoices")
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    task = load_task(BACKEND / "tasks" / args.task / "task.toml")
    pages = load(folder(args.task) / "invented.npz")
    real = [page for path in sorted(folder(args.task).glob("extra-*.npz")) for page in load(path)]
    print(f"{len(pages)} invented pages, {len(real)} labelled ones", flush=True)
    out = args.out or BACKEND / "second" / f"{args.task}.npz"
    as_marker(task, fit(task, pages, real, args.minutes, args.seed)).save(out)
    print(f"{out.name}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
