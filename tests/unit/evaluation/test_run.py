"""`lemma eval` from a folder to its report, with the honest fake in place of a model."""

import json
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from lemma.evaluation.predictions import FILE, load_predictions
from lemma.gateways.inference import FakeInference
from lemma.local.evaluation_command import EvalOptions, evaluate
from tests.unit.evaluation.test_sets import make_set

QUIET = Console(quiet=True)


def _messages(folder: Path, count: int = 40) -> Path:
    words = {"delivery": "my parcel is late", "refund": "please give my money back"}
    records = [
        {"text": f"{words[topic]} number {number}", "expected": {"intent": topic}}
        for number, topic in enumerate(("delivery", "refund") * (count // 2))
    ]
    return make_set(folder, "messages", *records).folder


async def test_examples_and_baselines_without_a_model(tmp_path: Path) -> None:
    folder = _messages(tmp_path)
    options = EvalOptions("tickets", (folder,), "none", examples="auto", out=tmp_path / "out", quiet=True)
    await evaluate(options, folder, None, QUIET, QUIET)
    report = json.loads((tmp_path / "out/messages/report.json").read_text(encoding="utf-8"))
    ours, commonest, linear = report["readers"]
    assert report["examples"] > 20
    assert ours["choices"]["intent"]["accuracy"]["value"] == 1.0
    assert commonest["choices"]["intent"]["accuracy"]["value"] < 1.0
    assert linear["choices"]["intent"]["macro_f1"]["value"] == 1.0
    assert ours["confidence"]["expected_calibration_error"]["n"] == ours["documents"]
    page = (tmp_path / "out/messages/report.md").read_text(encoding="utf-8")
    assert "intent: accuracy" in page
    assert "my parcel" not in page


async def test_a_model_is_asked_for_what_is_labelled_and_not_twice(tmp_path: Path) -> None:
    folder = _messages(tmp_path, 12)
    fake = FakeInference().will_answer(*["topics: delivery\n"] * 12)
    small = replace(fake.model, style="compact")
    options = EvalOptions(None, (folder,), part="all", limit=4, out=tmp_path / "out", quiet=True)
    await evaluate(options, folder, (fake, small), QUIET, QUIET)
    assert len(fake.calls) == 4
    assert fake.calls[0].messages[0]["content"].splitlines() == ["tickets", "topics"]
    path = tmp_path / "out/messages" / FILE
    assert len(load_predictions(path)) == 4
    # A killed run left half a line; the next goes on and reads only what is new.
    path.write_text(path.read_text(encoding="utf-8") + '{"dataset": "mess', encoding="utf-8")
    options = EvalOptions(None, (folder,), part="all", limit=6, out=tmp_path / "out", quiet=True)
    await evaluate(options, folder, (fake, small), QUIET, QUIET)
    assert len(fake.calls) == 6
    report = json.loads((tmp_path / "out/messages/report.json").read_text(encoding="utf-8"))
    assert report["readers"][0]["documents"] == 6
    assert report["readers"][0]["choices"]["intent"]["accuracy"]["n"] == 6
    assert 0 < report["readers"][0]["choices"]["intent"]["accuracy"]["value"] < 1


async def test_invoices_beside_labels_and_patterns(tmp_path: Path) -> None:
    text = "Acme Soap Ltd\nInvoice No: 7714\nDate: 2026-03-01\nTotal EUR 10.00\n"
    expected = {
        "number": "7714",
        "issue_date": "2026-03-01",
        "seller": {"name": "Acme Soap Ltd"},
        "net_total": 9.0,
        "gross_total": 10.0,
    }
    folder = make_set(tmp_path, "bills", {"text": text, "expected": expected}).folder
    fake = FakeInference()
    options = EvalOptions("invoices", (folder,), part="all", out=tmp_path / "out", quiet=True)
    await evaluate(options, folder, (fake, fake.model), QUIET, QUIET)
    report = json.loads((tmp_path / "out/bills/report.json").read_text(encoding="utf-8"))
    labels = next(each for each in report["readers"] if each["reader"] == "labels and patterns")
    for field in ("number", "issue_date", "seller.name", "gross_total"):
        assert labels["fields"][field]["right"] == 1, field
    assert labels["fields"]["net_total"]["missed"] == 1
    lines = (tmp_path / "out/bills/predictions_reference.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["id"] == "bills-0"
