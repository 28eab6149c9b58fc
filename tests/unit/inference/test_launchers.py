"""Engines are started, watched, tested, started again, and gone when they should be. With the fake vLLM."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from lemma_inference.engines.replica import Replica
from lemma_inference.errors import SettingsWrong
from lemma_inference.launchers.attendant import Attendant, Test, no_test
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import Endpoint, EngineSpec
from lemma_inference.launchers.selftest import SelfTest
from lemma_inference.launchers.static import StaticLauncher

FAKE = (
    sys.executable,
    "-m",
    "lemma_inference.engines.fakevllm",
    "--foreground",
    "--model",
    "small",
    "--host",
    "{host}",
    "--port",
    "{port}",
    "--max-num-seqs",
    "4",
)
GOOD = (*FAKE, "--scheduling-policy", "priority", "--enable-force-include-usage")
SPEC = EngineSpec("engine", GOOD, "secret", {"VLLM_API_KEY": "secret"})


@dataclass
class Attended:
    launcher: LocalLauncher
    replica: Replica

    async def until(self, holds: Callable[[], object], seconds: float = 90.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - another process decides
                await asyncio.sleep(0.02)

    async def until_up(self) -> str:
        await self.until(lambda: self.replica.url)
        assert self.replica.url is not None
        return self.replica.url

    def pids(self) -> list[int]:
        """The engine's process, and its leash."""
        (engine,) = self.launcher._engines.values()
        assert engine.child is not None
        leash = engine.child.pid
        children = Path(f"/proc/{leash}/task/{leash}/children").read_text(encoding="ascii").split()
        return [*map(int, children), leash]


@asynccontextmanager
async def attended(
    spec: EngineSpec = SPEC, test: Test = no_test, **patience: float
) -> AsyncIterator[Attended]:
    launcher, replica = LocalLauncher(), Replica()
    attendant = Attendant(
        launcher,
        {spec.id: replica},
        [spec],
        test=test,
        on_serving=launcher.serves,
        **({"every": 0.05} | patience),
    )
    async with attendant.running():
        yield Attended(launcher, replica)


class Moving(StaticLauncher):
    """One engine, which comes back somewhere else."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__([endpoint])
        self.endpoint = endpoint

    async def list(self) -> list[Endpoint]:
        return [self.endpoint]


def alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    return False


async def status(url: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession() as http, http.get(f"{url}/v1/models", headers=headers) as response:
        return response.status


async def test_an_engine_is_started_serves_with_its_key_and_is_gone_afterwards() -> None:
    async with attended() as engine:
        url = await engine.until_up()
        assert await status(url, "secret") == 200
        assert await status(url, "wrong") == 401
        assert [one.state for one in await engine.launcher.list()] == ["ready"]
        pids = engine.pids()
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


@pytest.mark.parametrize("which", ["engine", "leash"])
async def test_an_engine_that_is_killed_is_started_again(which: str) -> None:
    async with attended() as engine:
        first = await engine.until_up()
        pids = engine.pids()
        os.kill(pids[0 if which == "engine" else 1], signal.SIGKILL)
        await engine.until(lambda: engine.replica.restarts)
        second = await engine.until_up()
        assert second != first
        await engine.until(lambda: not any(alive(pid) for pid in pids))


async def test_a_frozen_engine_is_noticed_ended_and_started_again() -> None:
    async with attended(within=0.3) as engine:
        await engine.until_up()
        frozen = engine.pids()[0]
        os.kill(frozen, signal.SIGSTOP)
        await engine.until(lambda: engine.replica.restarts)
        await engine.until_up()
        assert not alive(frozen)


async def test_an_engine_that_gives_answers_is_not_taken_for_frozen() -> None:
    async with attended(within=0.3) as engine:
        await engine.until_up()
        pid = engine.pids()[0]
        os.kill(pid, signal.SIGSTOP)
        for _ in range(100):
            engine.replica.heard = asyncio.get_running_loop().time()
            await asyncio.sleep(0.02)
        assert engine.replica.url is not None
        os.kill(pid, signal.SIGCONT)


async def test_an_engine_that_cannot_start_says_why_in_its_own_words() -> None:
    spec = replace(SPEC, argv=(sys.executable, "-c", "raise SystemExit('ValueError: no such weights')"))
    async with attended(spec) as engine:
        await engine.until(lambda: "no such weights" in engine.replica.detail)
        assert "exit code 1" in engine.replica.detail
        assert engine.replica.url is None


async def test_an_engine_is_started_without_what_it_does_not_know_and_can_do_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    argv = (*GOOD, "--a-newer-option", "3", "--a-newer-switch")
    spec = replace(SPEC, argv=argv, optional=("--a-newer-option", "--a-newer-switch", "--watermark"))
    async with attended(spec) as engine:
        await engine.until_up()
    assert "does not know --a-newer-option, --a-newer-switch and is started without" in caplog.text


async def test_an_engine_that_does_not_know_what_is_relied_on_says_so() -> None:
    spec = replace(SPEC, argv=(*GOOD, "--relied-on", "3", "--optional"), optional=("--optional",))
    async with attended(spec) as engine:
        said = "unrecognized arguments: --relied-on"
        await engine.until(
            lambda: said in engine.replica.detail and "--optional" not in engine.replica.detail
        )
        assert engine.replica.url is None


async def test_an_engine_that_moved_is_found_although_it_counts_its_lives_anew() -> None:
    """As an engine on Ray does whose minder was killed."""
    async with attended() as first, attended() as second:
        urls = [await first.until_up(), await second.until_up()]
        where = Moving(Endpoint("there", urls[0], "secret", "ready", ""))
        replica = Replica()
        async with Attendant(where, {"there": replica}, every=0.05).running():
            await first.until(lambda: replica.url == urls[0])
            where.endpoint = replace(where.endpoint, url=urls[1])
            await first.until(lambda: replica.url == urls[1])
            assert replica.restarts == 1


async def test_an_engine_that_fails_its_test_is_tested_ever_more_seldom() -> None:
    tested: list[float] = []

    async def test(url: str, key: str | None) -> str | None:
        tested.append(asyncio.get_running_loop().time())
        return "The engine failed its self-test." if len(tested) < 3 else None

    async with attended(SPEC, test) as engine:
        await engine.until_up()
    first, second = tested[1] - tested[0], tested[2] - tested[1]
    assert first >= 5.0
    assert second >= 10.0


async def test_an_engine_gets_nothing_of_the_operators_environment() -> None:
    code = "import os; raise SystemExit('Error: ' + ','.join(sorted(os.environ)))"
    os.environ["LEMMA_TEST_OWN"] = "hidden"
    try:
        async with attended(replace(SPEC, argv=(sys.executable, "-c", code))) as engine:
            await engine.until(lambda: "Error: " in engine.replica.detail)
            assert "VLLM_API_KEY" in engine.replica.detail
            assert "LEMMA_TEST_OWN" not in engine.replica.detail
    finally:
        del os.environ["LEMMA_TEST_OWN"]


async def test_engines_end_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import EngineSpec

async def main():
    launcher = LocalLauncher()
    await launcher.launch(EngineSpec("engine", {GOOD!r}, "k"))
    while not (engine := launcher._engines["engine"]).child:
        await asyncio.sleep(0.01)
    print(engine.child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    leash = int(await owner.stdout.readline())
    children = Path(f"/proc/{leash}/task/{leash}/children")
    async with asyncio.timeout(90.0):
        while not (found := children.read_text(encoding="ascii").split()):  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.02)
        owner.kill()
        await owner.wait()
        while alive(leash) or alive(int(found[0])):  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.02)


async def test_a_listed_engine_is_watched_and_never_started() -> None:
    async with attended() as engine:
        url = await engine.until_up()
        listed, replica = StaticLauncher([Endpoint("there", url, "secret", "ready", "")]), Replica()
        async with Attendant(listed, {"there": replica}, every=0.05, within=0.3).running():
            await engine.until(lambda: replica.url)
            pid = engine.pids()[0]
            os.kill(pid, signal.SIGKILL)
            await engine.until(lambda: replica.url is None)
            assert replica.detail == "The engine no longer answers."
        with pytest.raises(SettingsWrong, match="nobody here starts one"):
            await listed.launch(SPEC)


def self_test(url: str, key: str | None, seats: int = 4) -> SelfTest:
    return SelfTest(url, key, "small", seats)


async def test_a_good_engine_passes_its_self_test_and_then_serves() -> None:
    async def test(url: str, key: str | None) -> str | None:
        report = await self_test(url, key).run()
        assert [check.name for check in report.checks] == [
            "health",
            "model",
            "key",
            "paths",
            "usage",
            "grammar",
            "priority",
        ]
        return report.wrong

    async with attended(replace(SPEC, argv=(*GOOD, "--preset", "8b-h100", "--speed", "3")), test) as engine:
        await engine.until_up()


@pytest.mark.parametrize(
    ("argv", "env", "said"),
    [
        ((*FAKE, "--enable-force-include-usage"), SPEC.env, "priority: 6 of 6 others"),
        ((*GOOD, "--max-num-seqs", "64"), SPEC.env, "priority: requests found a seat although 4 were taken"),
        ((*GOOD, "--max-num-queued-reqs", "8"), SPEC.env, "priority: status 503"),
        (GOOD, {}, "key: a wrong key is let in"),
        ((*GOOD, "--served-model-name", "other"), SPEC.env, "model: it serves other"),
        ((*GOOD, "--fault", '{"leave_grammar": true}', "--faults"), SPEC.env, "grammar"),
        (FAKE, SPEC.env, "usage: usage on 0 of"),
    ],
)
async def test_an_engine_that_breaks_a_promise_gets_no_requests(
    argv: tuple[str, ...], env: Mapping[str, str], said: str
) -> None:
    async def test(url: str, key: str | None) -> str | None:
        return (await self_test(url, key).run()).wrong

    # Steps take time, so that a queue forms before the first request is done.
    spec = replace(SPEC, argv=(*argv, "--preset", "8b-h100", "--speed", "3"), env=env)
    async with attended(spec, test) as engine:
        await engine.until(lambda: "self-test" in engine.replica.detail)
        assert said in engine.replica.detail
        assert engine.replica.url is None
