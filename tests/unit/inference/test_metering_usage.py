"""Reading the journal, over HTTP and on the command line."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from lemma_inference.apis import problems
from lemma_inference.apis.usage.router import usage_router
from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering import Metering
from lemma_inference.usage_cli import usage_app
from tests.unit.inference.fake_engine import fake

SHOP = Caller("product", "shop", "interactive", customer="org-1")
LAB = Caller("research", "lab", "research")
NOON = 20_000 * 86_400.0 + 43_200


@asynccontextmanager
async def serving(metering: Metering) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(usage_router(metering))
    transport = httpx.ASGITransport(app)
    async with (
        metering.running(),
        httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=60) as client,
    ):
        yield client


def use(metering: Metering, caller: Caller = SHOP, prompt: int = 10, completion: int = 2) -> str:
    account = metering.reserve(caller, "m", prompt, completion)
    account.saw(Usage(prompt, prompt // 2, completion))
    account.close("stop", "r1")
    return account.id


async def test_a_reader_gets_each_record_once(tmp_path: Path) -> None:
    metering = Metering(tmp_path, segment_bytes=4096)
    async with serving(metering) as client:
        made = [use(metering) for _ in range(100)]
        got: list[tuple[str, int, str]] = []
        after = 0
        while len(got) < 100:
            answer = await client.get("/v1/usage", params={"after": after, "limit": 7, "wait": 30})
            body = answer.json()
            assert answer.status_code == 200
            assert (body["object"], body["missing"]) == ("list", [])
            got += [(body["gateway"], one["seq"], one["id"]) for one in body["data"]]
            after = body["next"]
        assert [one for _, _, one in got] == made
        assert [seq for _, seq, _ in got] == list(range(1, 101))
        assert len({gateway for gateway, _, _ in got}) == 1
        assert (await client.get(f"/v1/usage?after={after}")).json()["data"] == []
    again = Metering(tmp_path, segment_bytes=4096)
    async with serving(again) as client:
        body = (await client.get("/v1/usage?after=95")).json()
        assert body["gateway"] == got[0][0]
        assert [one["id"] for one in body["data"]] == made[95:]


async def test_a_reader_may_wait_for_the_next_record(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    async with serving(metering) as client:
        waiting = [asyncio.create_task(client.get("/v1/usage?after=0&wait=30")) for _ in range(3)]
        await asyncio.sleep(0)
        made = use(metering)
        for answer in await asyncio.gather(*waiting):
            assert [one["id"] for one in answer.json()["data"]] == [made]
        assert (await client.get("/v1/usage?after=1&wait=0.01")).json()["data"] == []


async def test_what_is_lost_or_pruned_is_told_apart(tmp_path: Path) -> None:
    metering = Metering(tmp_path, clock=lambda: NOON, segment_bytes=4096)
    async with serving(metering) as client:
        made = [use(metering) for _ in range(60)]
        journal = metering.journal
        assert journal is not None
        journal.sync()
        assert (await client.post("/v1/usage/acknowledge", json={"seq": 20})).json()["acknowledged"] == 20
        assert journal.reader.prune(30)
        pruned = journal.reader.pruned()
        assert 0 < pruned <= 20
        alter(tmp_path, made[pruned])
        body = (await client.get("/v1/usage?limit=1000")).json()
        assert body["missing"] == [
            {"from": 1, "to": pruned, "why": "pruned"},
            {"from": pruned + 1, "to": pruned + 1, "why": "lost"},
        ]
        assert [one["id"] for one in body["data"]] == made[pruned + 1 :]


def alter(folder: Path, name: str) -> None:
    for path in folder.glob("usage-*"):
        path.write_bytes(path.read_bytes().replace(name.encode(), b"?" * 32))


async def test_an_acknowledgement_is_of_what_is_there(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    async with serving(metering) as client:
        use(metering)
        gateway = (await client.get("/v1/usage?wait=30")).json()["gateway"]
        good: dict[str, Any] = {"seq": 1, "gateway": gateway}
        assert (await client.post("/v1/usage/acknowledge", json=good)).json() == {
            "gateway": gateway,
            "acknowledged": 1,
        }
        assert (await client.post("/v1/usage/acknowledge", json={"seq": 0})).json()["acknowledged"] == 1
        for bad in [
            {"seq": 2},
            {"seq": -1},
            {"seq": "1"},
            {"seq": 1, "gateway": "other"},
            {"seq": 1, "x": 1},
            {},
        ]:
            answer = await client.post("/v1/usage/acknowledge", json=bad)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=1001", "wait=-1", "wait=nan", "wait=31"]
)
async def test_a_wrong_cursor_is_refused(tmp_path: Path, query: str) -> None:
    async with serving(Metering(tmp_path)) as client:
        answer = await client.get(f"/v1/usage?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_without_a_journal_there_is_nothing_to_read() -> None:
    async with serving(Metering(None)) as client:
        for answer in (
            await client.get("/v1/usage"),
            await client.post("/v1/usage/acknowledge", json={"seq": 0}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "usage_not_kept")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(usage_app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two days of use."""
    now = NOON
    metering = Metering(tmp_path, clock=lambda: now)
    use(metering, SHOP)
    use(metering, LAB, 100, 5)
    now += 86_400
    use(metering, SHOP)
    use(metering, SHOP)
    metering.close()
    return tmp_path


def test_export_prints_records_and_where_to_go_on(folder: Path) -> None:
    result = run("export", "--folder", folder)
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [1, 2, 3, 4]
    assert (result.exit_code, result.stderr) == (0, "next: --after 4\n")
    assert run("export", "--folder", folder, "--after", 4).stdout == ""
    table = run("export", "--folder", folder, "--after", 2, "--format", "csv").stdout.splitlines()
    assert table[0].startswith("seq,id,at,end,tenant,customer,key,class,model,replica,prompt,")
    assert [line.split(",")[0] for line in table[1:]] == ["3", "4"]


def test_summary_sums(folder: Path) -> None:
    lines = run("summary", "--folder", folder, "--by", "tenant,day").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["tenant", "day", "requests", "prompt", "cached", "completion", "wasted_prompt", "wasted_completion"],
        ["product", "2024-10-04", "1", "10", "5", "2", "0", "0"],
        ["product", "2024-10-05", "2", "20", "10", "4", "0", "0"],
        ["research", "2024-10-04", "1", "100", "50", "5", "0", "0"],
    ]
    late = run("summary", "--folder", folder, "--since", "2024-10-05", "--format", "json")
    assert [(one["tenant"], one["requests"]) for one in json.loads(late.stdout)] == [("product", 2)]
    early = run("summary", "--folder", folder, "--until", "2024-10-05", "--by", "class", "--format", "csv")
    assert early.stdout.splitlines()[1:] == ["interactive,1,10,5,2,0,0", "research,1,100,50,5,0,0"]
    wrong = run("summary", "--folder", folder, "--by", "colour")
    assert (wrong.exit_code, "There is no 'colour'" in wrong.stderr) == (2, True)


def test_verify_reads_every_record(folder: Path) -> None:
    result = run("verify", "--folder", folder)
    assert (result.exit_code, result.stdout) == (0, "4 records, 1 to 4: all as they were written.\n")
    [path] = folder.glob("usage-*")
    path.write_bytes(path.read_bytes().replace(b'"prompt":100', b'"prompt":900'))
    result = run("verify", "--folder", folder)
    assert result.exit_code == 1
    assert "record 2 is missing before record 3" in result.stderr
    assert run("export", "--folder", folder).exit_code == 1
    path.unlink()
    result = run("verify", "--folder", folder)
    assert (result.exit_code, "records 1 to 4 are missing from the end" in result.stderr) == (1, True)


def test_prune_keeps_what_nobody_has(folder: Path) -> None:
    assert run("prune", "--folder", folder, "--days", 0).stdout == ""
    assert run("acknowledge", 5, "--folder", folder).exit_code == 2
    assert run("acknowledge", 4, "--folder", folder).stdout == "Acknowledged up to 4.\n"
    result = run("prune", "--folder", folder, "--days", 0)
    assert (result.exit_code, result.stdout) == (0, "")  # One file, and the newest stays.


async def test_reconcile_asks_the_engines(tmp_path: Path) -> None:
    async with fake() as engine:
        usage = (await engine.chat()).json()["usage"]
        metering = Metering(tmp_path)
        use(metering, SHOP, usage["prompt_tokens"], usage["completion_tokens"])
        await metering.aclose()
        where = f"m/r1={engine.url}"
        command = ["reconcile", "--folder", tmp_path, "--replica", where]
        same = await asyncio.to_thread(run, *command)
        assert same.exit_code == 0
        assert same.stdout.splitlines()[1].split()[-2:] == ["+0+0", "0.000%"]
        await engine.chat()
        other = await asyncio.to_thread(run, *command, "--format", "json")
        assert other.exit_code == 1
        assert json.loads(other.stdout)[0]["share"] == "50.000%"
    gone = await asyncio.to_thread(run, *command)
    assert (gone.exit_code, "m/r1: Its metrics cannot be read" in gone.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments", [[], ["--replica", "r1"], ["--replica", "m/r1=ftp://x"], ["--key-file", "none"]]
)
def test_reconcile_needs_replicas(folder: Path, arguments: list[str]) -> None:
    assert run("reconcile", "--folder", folder, *arguments).exit_code == 2


def test_a_folder_without_a_journal_is_told(tmp_path: Path) -> None:
    result = run("verify", "--folder", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path} holds no journal of usage.\n")
