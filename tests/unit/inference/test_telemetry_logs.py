"""What a line of the log may say, and what never stands in one."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import lemma_inference
from lemma_inference.telemetry import logs
from tests.unit.inference.loggers import logging_kept

SECRET = "canary-7f3a"  # noqa: S105 - what must not be seen
OURS = logging.getLogger("lemma_inference.somewhere")
THEIRS = logging.getLogger("somebody.else")
SOURCES = sorted(Path(lemma_inference.__file__).parent.rglob("*.py"))


@contextmanager
def logged(form: logs.Form = "text", level: logs.Level = "debug") -> Iterator[io.StringIO]:
    """The process logs into this, as `configure` says; afterwards as before."""
    stream = io.StringIO()
    with logging_kept():
        logs.configure(form, level, stream)
        yield stream


def test_a_line_for_people() -> None:
    with logged() as out:
        OURS.info("%s is %d.", "gpu0", 3, extra={"fields": {"tenant": "lab", "yanks": 0, "replica": ""}})
    line = out.getvalue()
    assert line.endswith(" info lemma_inference.somewhere gpu0 is 3. tenant=lab\n")
    assert line[:10].count("-") == 2
    assert line.split(" ")[0].endswith("Z")


def test_a_line_for_machines() -> None:
    fields = {"tenant": "lab", "seconds": 1.25, "prompt": SECRET, "customer": SECRET}
    with logged("json") as out:
        OURS.warning("%s is %d.", "gpu0", 3, extra={"fields": fields})
    body = json.loads(out.getvalue())
    assert body.pop("at").endswith("Z")
    assert body == {
        "level": "warning",
        "logger": "lemma_inference.somewhere",
        "message": "gpu0 is 3.",
        "tenant": "lab",
        "seconds": 1.25,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_exceptions_are_told_by_kind_and_place(form: logs.Form) -> None:
    class Body(BaseModel):
        number: int

    def fail() -> None:
        try:
            Body.model_validate({"number": SECRET})
        except ValueError as error:
            raise RuntimeError(f"{SECRET} did it: {error}") from error

    with logged(form) as out:
        try:
            fail()
        except RuntimeError as error:
            OURS.exception("Failed: %s.", error)
    said = out.getvalue()
    assert SECRET not in said
    assert "Failed: RuntimeError." in said
    assert "ValidationError at inference/test_telemetry_logs.py" in said.replace("unit/", "")
    assert said.index("ValidationError at") < said.index("RuntimeError at"), "the first cause comes first"


def test_what_the_system_says_is_told() -> None:
    with logged() as out:
        OURS.error("The disk: %s.", OSError(28, SECRET))
    assert "The disk: OSError (No space left on device)." in out.getvalue()
    assert SECRET not in out.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_other_libraries_the_place_alone_is_told(form: logs.Form) -> None:
    with logged(form) as out:
        THEIRS.warning(f"f-string with {SECRET}")
        THEIRS.error("Argument %s", SECRET, extra={"fields": {"tenant": SECRET}})
        THEIRS.info("Nobody needs this: %s", SECRET)
        THEIRS.debug(SECRET)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert all("withheld, at " in line and "test_telemetry_logs.py:" in line for line in lines)
    assert SECRET not in out.getvalue()


def test_uvicorn_says_that_it_runs() -> None:
    with logged() as out:
        logging.getLogger("uvicorn.error").info("Uvicorn running on %s://%s:%d", "http", "127.0.0.1", 8001)
        logging.getLogger("uvicorn.error").debug("%s", SECRET)
        logging.getLogger("uvicorn.access").info('"%s"', f"GET /v1/models?key={SECRET}")
        logging.getLogger("httpx").info("HTTP Request: %s", f"http://user:{SECRET}@gpu0/")
    assert [line.split(" ", 3)[3] for line in out.getvalue().splitlines()] == [
        "Uvicorn running on http://127.0.0.1:8001"
    ]


def test_handlers_of_others_are_taken_off() -> None:
    """uvicorn brings its own, which would print what ours withholds."""
    with logging_kept():
        theirs = io.StringIO()
        THEIRS.addHandler(logging.StreamHandler(theirs))
        THEIRS.propagate = False
        with logged() as out:
            THEIRS.warning("This %s", SECRET)
        assert not theirs.getvalue()
        assert out.getvalue().count("withheld") == 1


def test_no_value_looks_like_a_line_of_its_own() -> None:
    with logged() as out:
        OURS.info("Tenant %s.", "a\nforged line\x1b[31m\u2028x", extra={"fields": {"tenant": "b\nforged"}})
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


def test_no_line_is_endless() -> None:
    with logged() as out:
        OURS.info("%s", "x" * 100_000)
    assert len(out.getvalue()) < 1200


def test_a_wrong_line_does_not_tell_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with logged() as out:
        arguments: tuple[Any, ...] = (SECRET, SECRET)
        OURS.info("One number: %d.", *arguments)
    assert "One number: %d." in out.getvalue()
    assert SECRET not in out.getvalue() + "".join(capsys.readouterr())


def test_the_level_is_kept() -> None:
    with logged(level="warning") as out:
        OURS.info("Not this.")
        OURS.warning("This.")
    assert out.getvalue().count("\n") == 1


def test_our_own_lines_are_constant_sentences() -> None:
    """The formatter trusts our loggers, so nothing of ours may build a sentence from values."""
    said = 0
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            whose, verb = ast.unparse(node.func.value), node.func.attr
            if whose not in {"log", "logger", "logging"} or verb not in VERBS:
                continue
            said += 1
            sentence = node.args[1 if verb == "log" else 0]
            assert isinstance(sentence, ast.Constant), f"{path.name}:{node.lineno} is no constant sentence"
    assert said > 8


VERBS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def test_nobody_else_writes_to_the_root_logger() -> None:
    """Lines of ours come from loggers named by their module, which begin with the package's name."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for named in ast.walk(ast.parse(text)):
            if isinstance(named, ast.Call) and ast.unparse(named.func) == "logging.getLogger" and named.args:
                name = ast.unparse(named.args[0])
                assert name == "__name__" or name.startswith("'"), f"{path.name} names a logger {name}"
