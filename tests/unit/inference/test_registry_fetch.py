"""Fetching models: connections that break, servers that know no ranges, bytes that are not the right ones."""

import fcntl
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lemma_inference.registry import ModelCard, check, load_cards
from lemma_inference.registry.fetch import Fetcher, FetchFailed
from lemma_inference.registry.hub import Hub
from tests.unit.inference.hub_server import HubServer, hub_server, resolved
from tests.unit.inference.weights import CONTENT, REVISION, safetensors, write_registry

# Large enough to come in several blocks.
WEIGHTS = safetensors((300, 1000))
MODEL = CONTENT | {"model.safetensors": WEIGHTS}
PATH = f"/us/small/resolve/{REVISION}/model.safetensors"


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with hub_server(resolved("us/small", REVISION, MODEL)) as server:
        yield server


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    registry = write_registry(tmp_path, MODEL, fetched=False)
    text = registry.read_text(encoding="utf-8")
    text = text.replace("parameters = 64\n", "parameters = 300_000\n").replace("100_000", "2_000_000")
    registry.write_text(text, encoding="utf-8")
    return load_cards(registry)["small"]


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models" / "small" / REVISION


class Clock:
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def fetcher(
    client: httpx.Client, hub: HubServer | str, clock: Clock | None = None, attempts: int = 3
) -> Fetcher:
    base = hub if isinstance(hub, str) else hub.url
    jitter = random.Random(7).random
    return Fetcher(client, Hub(base), attempts=attempts, sleep=clock or Clock(), jitter=jitter)


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder.parent / f".fetch-{folder.name}").iterdir())


def test_every_pinned_file_is_fetched_and_a_second_call_asks_for_nothing(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    digests = fetcher(client, hub).fetch(card, folder)
    assert check(card, folder) == []
    assert digests == {file.path: file.sha256 for file in card.files}
    asked = len(hub.requests)
    assert asked == len(MODEL)
    assert fetcher(client, hub).fetch(card, folder) == digests
    assert len(hub.requests) == asked
    assert left_over(folder) == ["lock"]


def test_a_broken_connection_is_continued_where_it_broke(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("break", 200_000), ("break", 300_000), ("break", 1)]
    clock = Clock()
    fetcher(client, hub, clock).fetch(card, folder)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    asked = hub.asked(PATH)
    assert [headers.get("range") for headers in asked] == [
        None,
        "bytes=200000-",
        "bytes=500000-",
        "bytes=500001-",
    ]
    assert all(headers["if-range"] for headers in asked[1:])
    assert all(headers["accept-encoding"] == "identity" for headers in asked)
    assert len(clock.slept) == 3


def test_another_call_continues_what_an_earlier_one_left(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("break", 200_000), ("status", 500, {})]
    with pytest.raises(FetchFailed, match=r"answers 500, 1 times in a row\. What came so far is kept"):
        fetcher(client, hub, attempts=1).fetch(card, folder)
    assert not (folder / "model.safetensors").exists()
    fetcher(client, hub).fetch(card, folder)
    assert hub.asked(PATH)[-1]["range"] == "bytes=200000-"
    assert check(card, folder) == []


def test_a_server_that_knows_no_ranges_is_taken_from_the_start(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("break", 200_000), ("ignore range",)]
    fetcher(client, hub).fetch(card, folder)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_server_that_sends_another_range_is_asked_again(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("break", 200_000), ("shift",)]
    fetcher(client, hub).fetch(card, folder)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_file_that_changed_in_between_is_not_spliced(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    other = bytes(len(WEIGHTS))
    hub.files[PATH] = other
    hub.plans[PATH] = [("break", 200_000), ("status", 503, {})]
    with pytest.raises(FetchFailed):
        fetcher(client, hub, attempts=1).fetch(card, folder)
    hub.files[PATH] = WEIGHTS
    fetcher(client, hub).fetch(card, folder)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_pieces_of_two_files_are_thrown_away_and_fetched_once_more(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    """A server without marks splices them; the hash tells."""
    hub.etags = False
    hub.files[PATH] = bytes(len(WEIGHTS))
    hub.plans[PATH] = [("break", 200_000), ("status", 503, {})]
    with pytest.raises(FetchFailed):
        fetcher(client, hub, attempts=1).fetch(card, folder)
    hub.files[PATH] = WEIGHTS
    fetcher(client, hub).fetch(card, folder)
    assert [headers.get("range") for headers in hub.asked(PATH)][-2:] == ["bytes=200000-", None]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_wrong_bytes_never_get_the_files_name(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.files[PATH] = WEIGHTS[:-1] + b"\x01"
    with pytest.raises(FetchFailed, match="another file than the one that was approved") as failed:
        fetcher(client, hub).fetch(card, folder)
    assert failed.value.extra["rule"] == "sha256"
    assert len(hub.asked(PATH)) == 1
    assert not (folder / "model.safetensors").exists()
    assert left_over(folder) == ["lock"]


def test_a_server_that_sends_more_than_was_pinned_is_cut_off(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.files[PATH] = WEIGHTS + b"and more"
    with pytest.raises(FetchFailed, match=f"sends more than the {len(WEIGHTS)} bytes"):
        fetcher(client, hub).fetch(card, folder)


def test_a_wrong_file_in_place_is_replaced(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"old")
    fetcher(client, hub).fetch(card, folder)
    assert check(card, folder) == []


def test_a_busy_server_is_given_the_time_it_asks_for(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("status", 429, {"retry-after": "17"}), ("status", 503, {"retry-after": "86400"})]
    clock = Clock()
    fetcher(client, hub, clock).fetch(card, folder)
    assert clock.slept == [17.0, 60.0]


def test_pauses_grow_and_are_not_alike(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    hub.plans[PATH] = [("status", 503, {})] * 5
    clock = Clock()
    fetcher(client, hub, clock, attempts=6).fetch(card, folder)
    assert all(2.0 ** (n + 1) / 2 <= pause <= 2.0 ** (n + 1) for n, pause in enumerate(clock.slept))
    assert len({pause / 2.0**n for n, pause in enumerate(clock.slept)}) == 5


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (("status", 404, {}), "answers 404: the repository, the revision or the file is not there"),
        (("status", 401, {}), "accept the terms there and set HF_TOKEN"),
        (("status", 403, {}), "accept the terms there and set HF_TOKEN"),
        (("status", 418, {}), "answers 418"),
    ],
)
def test_an_answer_that_will_not_change_is_told_at_once(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path, plan: tuple[object, ...], words: str
) -> None:
    hub.plans[PATH] = [plan]
    with pytest.raises(FetchFailed, match=words):
        fetcher(client, hub).fetch(card, folder)
    assert len(hub.asked(PATH)) == 1


def test_a_host_that_is_not_there_is_told(card: ModelCard, client: httpx.Client, folder: Path) -> None:
    with pytest.raises(FetchFailed, match="the connection broke"):
        fetcher(client, "http://127.0.0.1:1").fetch(card, folder)


def test_a_disk_without_room_is_told_before_anything_is_asked(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    poor = fetcher(client, hub)
    poor.free_bytes = lambda _: 1_000_000
    with pytest.raises(FetchFailed, match=r"0\.0 GB free: make room, or name another disk with --to"):
        poor.fetch(card, folder)
    assert hub.requests == []


def test_two_fetches_of_one_model_do_not_meet(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    work = folder.parent / f".fetch-{folder.name}"
    work.mkdir(parents=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FetchFailed, match="Another process fetches"):
            fetcher(client, hub).fetch(card, folder)
    fetcher(client, hub).fetch(card, folder)


def test_nothing_is_written_through_a_link(
    hub: HubServer, tmp_path: Path, client: httpx.Client, folder: Path
) -> None:
    nested = {f"sub/{name}": data for name, data in MODEL.items()}
    card = load_cards(write_registry(tmp_path, nested, fetched=False))["small"]
    (tmp_path / "outside").mkdir()
    folder.mkdir(parents=True)
    (folder / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(FetchFailed, match="outside the model's folder"):
        fetcher(client, hub).fetch(card, folder)
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_token_goes_to_its_hub_and_to_nobody_it_sends_us_to(
    hub: HubServer, card: ModelCard, client: httpx.Client, folder: Path
) -> None:
    with hub_server({"/blob": WEIGHTS}) as store:
        hub.plans[PATH] = [("redirect", f"{store.url}/blob")]
        known = Fetcher(client, Hub.at(hub.url, hub.url, "secret"))
        known.fetch(card, folder)
        assert hub.asked(PATH)[0]["authorization"] == "Bearer secret"
        assert "authorization" not in store.asked("/blob")[0]
    assert Hub.at("https://mirror.example", hub.url, "secret").token is None


@pytest.mark.parametrize(
    "address", ["file:///etc", "mirror.example", "https://", "ftp://a/b", "https://me:pw@a/b"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Exception, match="is not an address"):
        Hub.at(address, "https://huggingface.co", None)


def test_a_plain_file_server_may_be_a_mirror(card: ModelCard, client: httpx.Client, folder: Path) -> None:
    files = {f"/mirror/us/small@{REVISION}/{name}": data for name, data in MODEL.items()}
    with hub_server(files) as server:
        pattern = f"{server.url}/mirror/{{repository}}@{{revision}}/{{path}}"
        fetcher(client, pattern).fetch(card, folder)
    assert check(card, folder) == []


def test_a_file_of_another_repository_is_fetched_from_there(
    hub: HubServer, tmp_path: Path, client: httpx.Client, folder: Path
) -> None:
    registry = write_registry(tmp_path, MODEL, fetched=False)
    other = "f" * 40
    text = registry.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if '"tokenizer.json"' in line)
    elsewhere = line.replace(" },", f', repository = "them/words", revision = "{other}" }},')
    registry.write_text(text.replace(line, elsewhere), encoding="utf-8")
    hub.files |= resolved("them/words", other, {"tokenizer.json": MODEL["tokenizer.json"]})
    fetcher(client, hub).fetch(load_cards(registry)["small"], folder)
    assert hub.asked(f"/them/words/resolve/{other}/tokenizer.json")
