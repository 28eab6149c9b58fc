"""That training learns, resumes and exports. It needs torch: `make starter-test` runs it, not `make test`."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from starter.batches import Lessons, number_kinds
from starter.circuits import write_copying
from starter.data import ensure_tokenizer, make
from starter.export import write_gguf, write_stock
from starter.generate import greedy
from starter.model import Shape, Starter, load_stock
from starter.muon import orthogonal
from starter.parity import LlamaCpp
from starter.repeat import sequence
from starter.texts import BUILD, texts
from starter.tokenizer import load
from starter.train import Run

TINY = Shape(vocab=4608, width=64, layers=2, heads=2, kv_heads=2, hidden=96)


@pytest.fixture(autouse=True, scope="module")
def shards() -> None:
    for lesson in ("repeat", "invoices.find", "invoices.short"):
        make(lesson, seed=0, first=0, count=300)


def run(folder: Path, seed: int = 1) -> Run:
    torch.manual_seed(seed)
    lessons = Lessons(Random(seed), 1024, BUILD / "data", ensure_tokenizer())
    number_kinds(lessons.kinds)
    return Run(TINY, folder, 10, lessons)


def test_eighty_steps_lower_the_loss(tmp_path: Path) -> None:
    first = run(tmp_path)
    first.go(stop_after=80)
    losses = [json.loads(line)["answer"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0] - 0.3


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = run(tmp_path)
    first.go(stop_after=3)
    second = run(tmp_path, seed=2)
    second.resume()
    assert second.progress.steps == 3
    for left, right in zip(first.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(left, right)


def test_the_written_circuit_copies_before_any_training() -> None:
    torch.manual_seed(1)
    model = Starter(Shape(vocab=4608, layers=2))
    tokenizer, rng = load(BUILD / "tokenizer.json"), Random(4)
    made = [sequence(rng, tokenizer) for _ in range(4)]

    def loss() -> float:
        """Of the answers, with logits as strong as a trained model's."""
        total = 0.0
        for page in made:
            ids = torch.from_numpy(page.ids.astype(np.int64))
            states = model.streams(ids[None, :-1])[-1][0, page.answer - 1 :]
            logits = model.logits(states) * 4
            total += float(torch.nn.functional.cross_entropy(logits, ids[page.answer :]))
        return total / len(made)

    with torch.no_grad():
        before = loss()
        write_copying(model)
        assert loss() < before - 5


def test_muon_makes_updates_nearly_orthogonal() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(3, 64, 96)))
    assert 0.5 < float(values.min()) <= float(values.max()) < 1.5


def test_the_exports_say_what_the_model_says(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = Starter(TINY).eval()
    tokenizer = load(BUILD / "tokenizer.json")
    write_stock(model.state_dict(), TINY, tokenizer, tmp_path)
    write_gguf(model.state_dict(), TINY, tokenizer, tmp_path / "starter.gguf")
    prompt = next(texts("invoices.short", 1, 7))[0]
    ids = torch.tensor([tokenizer.encode(prompt).ids])
    with torch.no_grad():
        mine, theirs = model(ids), load_stock(tmp_path)(ids)
    assert float((mine - theirs).abs().max()) < 0.05 * float(mine.abs().max())
    engine = LlamaCpp(tmp_path / "starter.gguf")
    assert engine.tokens(prompt) == tokenizer.encode(prompt).ids
    said = greedy(model, tokenizer, prompt, 4)
    assert np.char.str_len(engine.answer(prompt, 4)) > 0
    assert said
