"""The fake vLLM's connections and command line: bytes in any pieces, clients that leave or read slowly."""

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest

from lemma_inference.engines.fakevllm import settings as fake_settings
from lemma_inference.engines.fakevllm.faults import Faults
from tests.unit.inference.fake_engine import HELLO, PATIENCE, address, fake, raw, told, until

README = Path(fake_settings.__file__).with_name("README.md")


@pytest.mark.parametrize("stream", [True, False])
async def test_who_leaves_frees_seat_and_memory(stream: bool) -> None:
    async with fake("--max-num-seqs", "1") as engine:
        reader, writer = await asyncio.open_connection(*address(engine.url))
        writer.write(raw(HELLO | {"ignore_eos": True, "stream": stream}))
        await until(lambda: len(engine.server.scheduler.running) == 1)
        if stream:
            await reader.readuntil(b"data: ")
        writer.close()
        await engine.idle()
        metrics = await engine.metrics()
        assert metrics['vllm:request_success_total{,finished_reason="abort"}'] == 1
        assert (await engine.chat()).status_code == 200


async def test_who_leaves_while_waiting_is_gone_too() -> None:
    async with fake("--max-num-seqs", "1", "--preset", "8b-h100") as engine:
        writers = []
        for _ in range(2):
            _, writer = await asyncio.open_connection(*address(engine.url))
            writer.write(raw(HELLO | {"ignore_eos": True}))
            writers.append(writer)
        await until(lambda: engine.server.scheduler.unfinished == 2)
        for writer in reversed(writers):
            writer.close()
        await engine.idle()


async def test_a_slow_reader_gets_all_of_it_in_fewer_pieces() -> None:
    async with fake("--max-model-len", "65536") as engine:
        tokens = 30_000
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, address(engine.url))
            asked = HELLO | {"stream": True, "ignore_eos": True, "max_tokens": tokens}
            await loop.sock_sendall(slow, raw(asked | {"stream_options": {"include_usage": True}}))
            await until(lambda: engine.server.scheduler.counts.generation_tokens == tokens)
            got = b""
            while not got.endswith(b"0\r\n\r\n"):
                got += await asyncio.wait_for(loop.sock_recv(slow, 1 << 20), PATIENCE)
        lines = [line for line in got.split(b"\n") if line.startswith(b"data: {")]
        chunks = [json.loads(line.removeprefix(b"data: ")) for line in lines]
        assert len(told(chunks)) == 4 * tokens
        assert chunks[-1]["usage"]["completion_tokens"] == tokens
        assert len(chunks) < tokens


async def test_requests_may_come_in_a_row_in_pieces_and_in_chunks() -> None:
    async with fake() as engine:
        reader, writer = await asyncio.open_connection(*address(engine.url))
        body = json.dumps(HELLO | {"max_tokens": 1}).encode()
        chunked = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunked += b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
        both = raw(HELLO | {"max_tokens": 1}) + chunked
        for start in range(0, len(both), 37):
            writer.write(both[start : start + 37])
            await writer.drain()
        for _ in range(2):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            answer = json.loads(await reader.readexactly(int(length[1])))
            assert answer["usage"]["completion_tokens"] == 1
        writer.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"A" * 70_000,
    ],
)
async def test_what_is_no_http_is_refused_and_closed(nonsense: bytes) -> None:
    async with fake() as engine:
        reader, writer = await asyncio.open_connection(*address(engine.url))
        writer.write(nonsense)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        assert answer.startswith(b"HTTP/1.1 400 ")
        writer.close()
        assert (await engine.client.get("/health")).status_code == 200


async def test_an_idle_connection_is_closed_and_an_old_client_is_served() -> None:
    async with fake("--keep-alive-seconds", "0.05") as engine:
        for version in ("1.1", "1.0"):
            reader, writer = await asyncio.open_connection(*address(engine.url))
            writer.write(raw(HELLO | {"max_tokens": 1}, version=version))
            answer = await asyncio.wait_for(reader.read(), PATIENCE)
            assert b'"completion_tokens":1' in answer
            writer.close()


def test_the_readme_names_every_option_and_every_fault() -> None:
    page = README.read_text(encoding="utf-8")
    options = fake_settings.command_line().format_help()
    named = set(re.findall(r"(--[a-z][a-z-]+)", options)) - {"--help"}
    assert len(named) > 30
    assert not {name for name in named if f"`{name}" not in page and not name.startswith("--no-")}
    assert not {name for name in Faults().as_dict() if f"`{name}`" not in page}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("run small", "no command 'run'"),
        ("--speed 0", "--speed"),
        ("--max-model-len 9999999", "wait for ever"),
        ("--fault {", "no JSON"),
        ("--served-model small --preset huge", "invalid choice"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused_with_a_sentence(
    wrong: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        fake_settings.read(wrong.split())
    assert word in capsys.readouterr().err


def test_a_line_of_vllm_serve_may_be_used_as_it_is() -> None:
    line = "serve /models/small --served-model-name small --dtype auto --load-format dummy --enforce-eager"
    assert fake_settings.read(line.split()).model == "small"
    assert fake_settings.read(["serve", "/models/small"]).model == "/models/small"
