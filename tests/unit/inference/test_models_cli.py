"""`lemma-inference models`: what it prints, what it writes, and how it exits."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lemma_inference.models_cli import models_app
from lemma_inference.registry import load_cards
from lemma_inference.registry.bar import Bar
from lemma_inference.registry.hub import git_blob
from lemma_inference.registry.pins import write_pin
from tests.unit.inference.hub_server import HubServer, hub_server, listing, resolved
from tests.unit.inference.weights import CONTENT, REVISION, sha, write_registry

API = f"/api/models/us/small/revision/{REVISION}"


def run(registry: Path, *arguments: str, hub: HubServer | None = None) -> Result:
    folders = ["--models-file", str(registry), "--models-folder", str(registry.parent / "models")]
    environment = {"LEMMA_INFERENCE_HUB_URL": hub.url} if hub else {}
    return CliRunner().invoke(models_app, [*arguments, *folders], env=environment)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A model that is not fetched yet."""
    return write_registry(tmp_path, fetched=False)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A hub that has the model, and lists its hashes."""
    facts = {}
    for name, data in CONTENT.items():
        path = tmp_path / "blob"
        path.write_bytes(data)
        large = {"lfs": {"sha256": sha(data)}} if name.endswith("safetensors") else {}
        facts[name] = {"size": len(data), "blobId": git_blob(path), **large}
    files = resolved("us/small", REVISION, CONTENT) | {API: listing(REVISION, facts)}
    with hub_server(files) as server:
        yield server


def unpin(registry: Path) -> None:
    text = registry.read_text(encoding="utf-8")
    registry.write_text(re.sub(r', sha256 = "[0-9a-f]{64}", bytes = \d+', "", text), encoding="utf-8")


def test_a_model_goes_from_not_fetched_to_approved(registry: Path, hub: HubServer) -> None:
    assert "small: not fetched" in run(registry, "check").output
    assert run(registry, "check").exit_code == 0
    assert run(registry, "check", "small").exit_code == 1
    fetched = run(registry, "fetch", "small", hub=hub)
    assert fetched.exit_code == 0
    assert "small: approved, in" in fetched.output
    again = run(registry, "fetch", "small", "--from", hub.url)
    assert (again.exit_code, again.output.count("is there")) == (0, 3)
    assert run(registry, "check", "small").exit_code == 0
    assert re.search(r"small +approved +chat +0\.0M +4096", run(registry, "list").output)


def test_a_breach_is_told_and_exits_with_one(registry: Path, hub: HubServer) -> None:
    run(registry, "fetch", "small", hub=hub)
    path = registry.parent / "models" / "small" / REVISION / "config.json"
    path.write_bytes(path.read_bytes() + b" ")
    checked = run(registry, "check")
    assert checked.exit_code == 1
    assert "small: refused\n  bytes: config.json has" in checked.output
    assert "  sha256: config.json has SHA-256" in checked.output


def test_programs_get_json(registry: Path, hub: HubServer) -> None:
    [listed] = json.loads(run(registry, "list", "--json").output)
    assert (listed["id"], listed["verdict"], listed["fetched"]) == ("small", "not fetched", False)
    run(registry, "fetch", "small", hub=hub)
    registry.write_text(registry.read_text(encoding="utf-8").replace("MIT", "none of them"), encoding="utf-8")
    checked = run(registry, "check", "--json")
    report = json.loads(checked.output)
    assert checked.exit_code == 1
    assert report["models"][0]["findings"][0]["rule"] == "licence"
    assert isinstance(report["warnings"], list)


def test_show_tells_all_of_a_model(registry: Path) -> None:
    shown = run(registry, "show", "small").output
    for words in (
        REVISION,
        "GPQA Diamond: 85",
        "https://example.com/small",
        sha(CONTENT["config.json"]),
        "MIT",
    ):
        assert words in shown


def test_a_model_that_breaks_the_policy_is_not_fetched(registry: Path, hub: HubServer) -> None:
    registry.write_text(registry.read_text(encoding="utf-8").replace("MIT", "llama3.1"), encoding="utf-8")
    refused = run(registry, "fetch", "small", hub=hub)
    assert refused.exit_code == 1
    assert "refused, so it is not fetched" in refused.output
    assert hub.requests == []


def test_a_fetch_that_fails_says_why(registry: Path) -> None:
    with hub_server({}) as empty:
        failed = run(registry, "fetch", "small", hub=empty)
    assert failed.exit_code == 1
    assert "answers 404" in failed.output


def test_a_model_without_hashes_is_known_and_not_fetched_without_pinning(
    registry: Path, hub: HubServer
) -> None:
    unpin(registry)
    assert "small: known\n  unpinned: model.safetensors has no SHA-256" in run(registry, "check").output
    assert run(registry, "check", "small").exit_code == 1
    assert run(registry, "fetch", "small", hub=hub).exit_code == 1
    assert hub.requests == []


def test_pinning_compares_with_the_hub_and_writes_what_was_missing(registry: Path, hub: HubServer) -> None:
    pinned = registry.read_text(encoding="utf-8")
    unpin(registry)
    assert run(registry, "fetch", "small", "--pin", hub=hub).exit_code == 0
    assert registry.read_text(encoding="utf-8") == pinned
    assert run(registry, "check", "small").exit_code == 0


@pytest.mark.parametrize("name", list(CONTENT))
def test_a_file_that_the_hub_publishes_otherwise_is_not_pinned(
    registry: Path, hub: HubServer, name: str
) -> None:
    unpin(registry)
    before = registry.read_text(encoding="utf-8")
    hub.files[f"/us/small/resolve/{REVISION}/{name}"] += b" "
    failed = run(registry, "fetch", "small", "--pin", hub=hub)
    assert failed.exit_code == 1
    assert "nothing was pinned" in failed.output
    assert registry.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "cannot be read"),
        (listing("0" * 40, {}), "speaks of revision 000"),
        (listing(REVISION, {}), "is not in"),
    ],
)
def test_a_hub_that_lists_nonsense_pins_nothing(
    registry: Path, hub: HubServer, answer: bytes, words: str
) -> None:
    unpin(registry)
    hub.files[API] = answer
    failed = run(registry, "fetch", "small", "--pin", hub=hub)
    assert failed.exit_code == 1
    assert words in failed.output


def test_pin_approves_files_that_were_made_anew(tmp_path: Path) -> None:
    registry = write_registry(tmp_path)
    config = registry.parent / "models" / "small" / REVISION / "config.json"
    config.write_bytes(config.read_bytes().replace(b"llama", b"llamas"))
    assert run(registry, "check", "small").exit_code == 1
    assert run(registry, "pin", "small").exit_code == 0
    assert run(registry, "check", "small").exit_code == 0
    assert load_cards(registry)["small"].file("config").bytes == config.stat().st_size  # type: ignore[union-attr]


def test_pin_says_which_file_is_not_there(registry: Path) -> None:
    failed = run(registry, "pin", "small")
    assert failed.exit_code == 1
    assert "cannot be read" in failed.output


def test_a_pin_changes_one_model_alone() -> None:
    """Many models have a file of the same name."""
    line = '{{ path = "tokenizer.json", role = "tokenizer", sha256 = "{}" }},'
    block = f'[[model]]\nid = "{{}}"\nfiles = [\n    {line}\n]\n'
    text = block.format("a", "1" * 64) + block.format("b", "2" * 64) + block.format("c", "3" * 64)
    assert write_pin(text, "b", "tokenizer.json", "9" * 64, 5) == text.replace("2" * 64, "9" * 64)


@pytest.mark.parametrize("command", ["check", "show", "fetch", "pin"])
def test_a_model_that_is_not_there_exits_with_two(registry: Path, command: str) -> None:
    failed = run(registry, command, "gpt-9")
    assert failed.exit_code == 2
    assert "There are: small" in failed.output


@pytest.mark.parametrize("command", ["list", "check", "show", "fetch", "pin"])
def test_every_command_explains_itself(command: str) -> None:
    helped = CliRunner().invoke(models_app, [command, "--help"])
    assert helped.exit_code == 0
    assert "--models-file" in helped.output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_and_a_log_one_line_a_file() -> None:
    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        bar = Bar(stream)
        bar.begin("a.gguf", 1_000_000, 4_000_000)
        bar.advance(1_000_000)
        bar.end("fetched")
        assert ("[############............] 50 %, 2 MB at" in stream.getvalue()) is drawn
        assert stream.getvalue().endswith("a.gguf: fetched (2.0 MB)\n")
    bar.begin("size unknown", 0, 0)
    bar.advance(10)
    bar.end("fetched")


def test_a_registry_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    failed = run(tmp_path / "none.toml", "list")
    assert failed.exit_code == 1
    assert "cannot be read" in failed.output
