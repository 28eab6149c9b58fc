"""`python -m lemma_inference.engines.fakevllm`: a process of its own, so that it can be killed."""

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from typing import Any

from lemma_inference.engines.fakevllm.faults import Faults
from lemma_inference.engines.fakevllm.server import Server
from lemma_inference.engines.fakevllm.settings import Settings, read

FAILED = 70


def main() -> None:
    """Says where it listens, and stays until stdin ends or it is told to go."""
    settings = read()
    if not settings.foreground:
        # Ctrl-C reaches the whole terminal; the parent stops us in its own order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_run(settings))
    # The thread that waits for stdin would keep the interpreter from ending in peace.
    os._exit(0)


async def _run(settings: Settings) -> None:
    await asyncio.sleep(settings.start_seconds)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.set_exception_handler(_fail)
    server = Server(settings)
    url = await server.serve()
    sys.stdout.write(json.dumps({"url": url, "pid": os.getpid(), "model": settings.model}) + "\n")
    sys.stdout.flush()
    # A thread, because stdin may be a pipe, a file or nothing at all, and not all of them can be awaited.
    threading.Thread(target=_listen_to_parent, args=(loop, server, over), daemon=True).start()
    gc.collect()
    gc.freeze()
    await over.wait()
    await server.close()


def _fail(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A mistake of ours ends the process: a fake that hides one would prove nothing."""
    loop.default_exception_handler(context)
    if not isinstance(context.get("exception"), OSError):
        os._exit(FAILED)


def _listen_to_parent(loop: asyncio.AbstractEventLoop, server: Server, over: asyncio.Event) -> None:
    """Lines are faults, which reach us here even if we listen to no one else. The end of stdin is our end."""
    for line in sys.stdin:
        if server.settings.faults_allowed and line.strip():
            try:
                loop.call_soon_threadsafe(server.set_faults, Faults.from_json(line))
            except ValueError as error:
                sys.stderr.write(f"{error}\n")
    if not server.settings.foreground:
        loop.call_soon_threadsafe(over.set)


if __name__ == "__main__":
    main()
