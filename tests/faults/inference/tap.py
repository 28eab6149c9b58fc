"""What an engine is told, written down by a real proxy before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


@dataclass
class Tap:
    """Stands before the engine at this address and writes down what the gateway sends to it."""

    engine: str
    url: str = ""
    heard: bytearray = field(default_factory=bytearray)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(asyncio.CancelledError):  # The server that started it asks for its exception.
                there, on = await asyncio.open_connection(*address(self.engine))
                await asyncio.gather(_copy(reader, on, self.heard), _copy(there, writer, None))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: bytearray | None) -> None:
    try:
        while data := await reader.read(65_536):
            if keep is not None:
                keep += data
            writer.write(data)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()
