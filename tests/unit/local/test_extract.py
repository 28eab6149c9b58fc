"""`lemma extract` on several files: what one call notices across them."""

from pathlib import Path

import pytest

from lemma.gateways.inference import FakeInference
from lemma.gateways.inference.fake import FAKE_MODEL
from lemma.ingest import Limits
from lemma.local.extract import FileResult, extract
from tests.api.test_duplicates import ANOTHER, FIRST, RETYPED, TASK, script


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for name, data in (("a.txt", FIRST), ("b.txt", RETYPED), ("c.txt", ANOTHER), ("d.txt", FIRST)):
        (tmp_path / name).write_bytes(data)
        paths.append(tmp_path / name)
    return paths


def verdict(result: FileResult) -> tuple[bool | None, str]:
    assert result.reading is not None
    [rule] = [rule for rule in result.reading.rules if rule.code == "not_seen_before"]
    return rule.passed, rule.detail


async def test_duplicates_within_one_call_are_named(files: list[Path]) -> None:
    engine = FakeInference(script=script)
    results = [
        result
        async for result in extract(files, TASK, engine, FAKE_MODEL, limits=Limits(), step=lambda *_: None)
    ]
    first, retyped, another, same = map(verdict, results)
    assert first[0] is True
    assert retyped[0] is False
    assert "in a.txt" in retyped[1]
    assert another[0] is True
    assert same == (False, "The very same file was seen before, as a.txt.")
