"""What reviewers would otherwise have to count: sizes of files, functions and folders, and habits."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ["backend/lemma", "inference/lemma_inference", "inference/starter", "tests"]
FILE_LINES = 600
FUNCTION_LINES = 80
FEATURE_FILES = 14  # Ten of its own roles, and the package file, README and a folder of verbs beside them.


def _python_files() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "build" not in path.parts:
                yield path


FILES = list(_python_files())
SHIPPED = [path for path in FILES if "tests" not in path.relative_to(ROOT).parts]


def _parse(path: Path) -> ast.Module:
    """Parses with the collector paused. What a collection runs may itself parse (a log that prints a
    traceback does), and Python 3.11 counts the depth of both in one place: gh-106905."""
    text = path.read_text(encoding="utf-8")
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_file_and_its_functions_stay_within_their_budgets(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES, f"{_name(path)}: split it by what changes together"
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{_name(path)}:{node.lineno} {node.name} has {lines} lines"


def test_features_stay_small() -> None:
    for feature in (ROOT / "backend/lemma/features").iterdir():
        if feature.is_dir() and feature.name != "__pycache__":
            files = [path for path in feature.iterdir() if path.name != "__pycache__"]
            assert len(files) <= FEATURE_FILES, f"{feature.name} has {len(files)} files: make verbs a folder"


@pytest.mark.parametrize("path", SHIPPED, ids=_name)
def test_habits(path: Path) -> None:
    """No HTTPException, no reading of the environment outside settings, no patching, no `print` debugging."""
    text = path.read_text(encoding="utf-8")
    where = _name(path)
    assert "raise HTTPException(" not in text, f"{where}: raise a LemmaError"
    reads_environment = "os.environ[" in text or "os.environ.get(" in text or "os.getenv(" in text
    assert not reads_environment or path.name == "settings.py" or "starter" in path.parts, (
        f"{where}: settings are read in settings.py and passed down"
    )
    for word in ("mock", "monkeypatch"):
        assert word not in text.split(), f"{where}: use a fake behind the protocol"


def test_every_folder_of_the_backend_says_what_it_is() -> None:
    for package in sorted((ROOT / "backend/lemma").glob("*/__init__.py")):
        has_readme = (package.parent / "README.md").is_file()
        has_docstring = ast.get_docstring(_parse(package)) is not None
        assert has_readme or has_docstring, f"{_name(package.parent)} needs a README.md or a docstring"
