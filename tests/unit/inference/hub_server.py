"""A hub on loopback that does what real ones do on bad days, as a test tells it to."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HubServer(ThreadingHTTPServer):
    """Serves `files` by path. `plans` tells, for a path, how to answer its next requests; then it is honest.

    A plan is one of: ("break", n) closes after n bytes; ("ignore range",) sends all; ("shift",) sends another
    range; ("status", code, headers); ("content", bytes) serves these instead; ("redirect", address).
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.plans: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.etags = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of the requests for a path."""
        return [headers for asked, headers in self.requests if asked == path]


class _Handler(BaseHTTPRequestHandler):
    server: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requests.append((path, {name.lower(): value for name, value in self.headers.items()}))
        plans = self.server.plans[path]
        plan = plans.pop(0) if plans else ("honest",)
        content = plan[1] if plan[0] == "content" else self.server.files.get(path)
        if plan[0] == "status":
            self._send(plan[1], plan[2], b"")
        elif plan[0] == "redirect":
            self._send(302, {"location": plan[1]}, b"")
        elif content is None:
            self._send(404, {}, b"")
        else:
            self._serve(content, plan)

    def _serve(self, content: bytes, plan: tuple[Any, ...]) -> None:
        etag = f'"{hash(content)}"'
        start = 0
        wanted, condition = self.headers.get("range"), self.headers.get("if-range", etag)
        if wanted and plan[0] != "ignore range" and condition == etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(content):
            self._send(416, {"content-range": f"bytes */{len(content)}"}, b"")
            return
        headers = {"etag": etag} if self.server.etags else {}
        if start:
            start -= 1 if plan[0] == "shift" else 0
            headers["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        self._send(206 if start else 200, headers, body, plan[1] if plan[0] == "break" else len(body))

    def _send(self, status: int, headers: dict[str, str], body: bytes, sent: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
        if sent is not None and sent < len(body):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def hub_server(files: dict[str, bytes]) -> Iterator[HubServer]:
    with HubServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def resolved(repository: str, revision: str, content: dict[str, bytes]) -> dict[str, bytes]:
    """The files at a hub's addresses."""
    return {f"/{repository}/resolve/{revision}/{name}": data for name, data in content.items()}


def listing(revision: str, files: dict[str, dict[str, Any]]) -> bytes:
    """What `/api/models/.../revision/...?blobs=true` answers."""
    siblings = [{"rfilename": name, **facts} for name, facts in files.items()]
    return json.dumps({"sha": revision, "siblings": siblings, "private": False}).encode()
