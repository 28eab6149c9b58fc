"""The command line as a shell sees it: errors are sentences, and the exit code says whose part it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lemma.cli", *map(str, words)],
        check=False, capture_output=True, text=True, timeout=120, env=os.environ | env,
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("Invoice 4711")
    return path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--task", "nosuch"], "There is no task 'nosuch'"),
        (["--task", "nosuch.toml"], "nosuch.toml"),
        (["--material", "nosuch"], "--material takes a folder"),
        (["--out", "/dev/null/out"], "Choose another --out"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--nosuch"], "No such option"),
    ],
    ids=str,
)
def test_wrong_use_ends_with_2_before_anything_is_started(file: Path, options: list[str], words: str) -> None:
    ended = run("extract", file, *options)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_setting_that_cannot_be_used_is_named(file: Path) -> None:
    ended = run("extract", file, LEMMA_PORT="a lot")
    assert (ended.returncode, "port: " in ended.stderr) == (2, True)
    assert "a lot" not in ended.stderr
    ended = run("up", "--host", "0.0.0.0", "--data-dir", file.parent / "data")  # noqa: S104  (it is refused)
    assert (ended.returncode, "Set LEMMA_HOST=127.0.0.1" in ended.stderr) == (2, True)


def test_sentences_are_not_broken_for_a_terminal_that_is_not_there(file: Path) -> None:
    assert run("extract", file, "--task", "nosuch").stderr.count("\n") == 1
