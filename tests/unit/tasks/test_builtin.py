"""The built-in tasks are found by their folders, and their samples are what they say they are."""

import json
import re

import pytest

from lemma.reading.normalise.identifiers import CHECKERS
from lemma.tasks import Sample, TaskNotFound, builtin, samples, task
from lemma.tasks.builtin import FOLDER

LARGEST = 150_000
SAMPLES = [sample for name in builtin() for sample in samples(name)]


def _name(sample: Sample) -> str:
    return f"{sample.task}/{sample.name}"


def test_tasks_are_found_under_the_names_of_their_folders() -> None:
    assert set(builtin()) == {path.parent.name for path in FOLDER.glob("*/task.toml")}
    assert task("invoices").title == "Invoices and receipts"


def test_an_unknown_task_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TaskNotFound, match=r"The tasks are: .*invoices") as refused:
        samples("invoice")
    assert "invoices" in refused.value.problem()["tasks"]


def test_there_are_samples_of_every_sort() -> None:
    suffixes = {sample.path.suffix for sample in samples("invoices")}
    assert {".pdf", ".jpg", ".eml"} <= suffixes
    assert len(samples("invoices")) >= 8


@pytest.mark.parametrize("sample", SAMPLES, ids=_name)
def test_a_sample_is_small_and_its_truth_is_complete(sample: Sample) -> None:
    assert sample.path.stat().st_size <= LARGEST
    assert sample.expected, f"{sample.name} has no expected values"
    known = {path for path, _ in task(sample.task).all_fields()}
    for path in sample.expected:
        assert re.sub(r"\[\d+\]", "", path) in known, f"{path} is no field of {sample.task}"
    printed = json.loads((sample.path.parent / "printed.json").read_text(encoding="utf-8"))[sample.name]
    assert printed.keys() == sample.expected.keys()


@pytest.mark.parametrize("sample", SAMPLES, ids=_name)
def test_the_identifiers_of_a_sample_have_right_check_digits(sample: Sample) -> None:
    assert sample.expected is not None
    for path, field in task(sample.task).all_fields():
        value = sample.expected.get(path)
        if value is not None and field.checker is not None:
            assert CHECKERS[field.checker](value).valid is not False, f"{path} {value}"
