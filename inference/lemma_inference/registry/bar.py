"""How far a download is, on a terminal as a bar, elsewhere as a line when a file is done."""

import time
from typing import TextIO

WIDTH = 24
REDRAW_SECONDS = 0.2


class Bar:
    """`fetch.Progress` on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._terminal = stream, stream.isatty()
        self._path, self._done, self._total = "", 0, 0
        self._began, self._began_at, self._drawn = time.monotonic(), 0, 0.0

    def begin(self, path: str, done: int, total: int) -> None:
        self._path, self._done, self._total = path, done, total
        self._began, self._began_at, self._drawn = time.monotonic(), done, 0.0

    def advance(self, amount: int) -> None:
        self._done += amount
        now = time.monotonic()
        if self._terminal and now - self._drawn >= REDRAW_SECONDS:
            self._drawn = now
            self._stream.write(f"\r{self._line()}\x1b[K")
            self._stream.flush()

    def end(self, verdict: str) -> None:
        start = "\r\x1b[K" if self._terminal else ""
        self._stream.write(f"{start}{self._path}: {verdict} ({self._done / 1e6:,.1f} MB)\n")
        self._stream.flush()

    def _line(self) -> str:
        speed = (self._done - self._began_at) / max(time.monotonic() - self._began, 0.001)
        sizes = f"{self._done / 1e6:,.0f} MB at {speed / 1e6:,.1f} MB/s"
        if not self._total:
            return f"{self._path}: {sizes}"
        full = max(0, min(WIDTH, WIDTH * self._done // self._total))
        left = (self._total - self._done) / speed if speed > 0 else 0
        return (
            f"{self._path}: [{'#' * full}{'.' * (WIDTH - full)}] {100 * self._done // self._total} %,"
            f" {sizes}, {left / 60:,.0f} min left"
        )
