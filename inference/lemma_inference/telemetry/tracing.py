"""One request while it is answered: what its span and its line in the log will say.

A request is followed from the outermost layer to the end of its stream. What happens to it is told by the
events of `Telemetry`, which need not be handed the request: as with any tracer, it is found in the context of
the task that works on it, and tasks inherit that.

A prompt or an answer has no way in: there are fields for names, numbers and codes, and no others.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, Self

from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.errors import SettingsWrong

Value = str | int | float | bool | tuple[str, ...]
Attributes = Mapping[str, Value]

PROVIDER = "lemma"
# W3C Trace Context, version 00. What does not look like this is not passed on to anybody.
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
COMPLETE = {"stop", "length"}


class Span(Protocol):
    """A stretch of time in a trace, as far as anybody traces."""

    @property
    def traceparent(self) -> str | None:
        """For the `traceparent` header of what is done within it."""
        ...

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits; empty where nothing is traced."""
        ...

    def child(self, name: str, attributes: Attributes, *, ago: float = 0.0, client: bool = False) -> Self:
        """A stretch within it that began so many seconds ago. `client` is a call to another process."""
        ...

    def event(self, name: str, attributes: Attributes) -> None: ...

    def set(self, attributes: Attributes) -> None: ...

    def rename(self, name: str) -> None: ...

    def end(self, error: str = "") -> None:
        """It is over, well or with this error. Later calls do nothing."""
        ...


class Tracing(Protocol):
    """Where spans go."""

    def begin(self, name: str, parent: str | None, attributes: Attributes) -> Span:
        """The span of a request that came with this `traceparent`."""
        ...

    def close(self) -> None:
        """What has not been sent is sent, for a few seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Untraced:
    """A span where nothing is traced. What the client sent is passed on as it is, which the W3C asks for."""

    traceparent: str | None = None
    trace_id: str = ""

    def child(self, name: str, attributes: Attributes, *, ago: float = 0.0, client: bool = False) -> Self:
        return self

    def event(self, name: str, attributes: Attributes) -> None: ...

    def set(self, attributes: Attributes) -> None: ...

    def rename(self, name: str) -> None: ...

    def end(self, error: str = "") -> None: ...


class NoTracing:
    """Nothing is traced."""

    def begin(self, name: str, parent: str | None, attributes: Attributes) -> Span:
        return Untraced(parent)

    def close(self) -> None: ...


def tracing_to(endpoint: str | None, part: float, version: str) -> Tracing:
    """Traces of this part of the requests, to a collector of OpenTelemetry's; without an endpoint none.
    Raises `SettingsWrong` where the extra for it is not installed."""
    if endpoint is None:
        return NoTracing()
    try:  # Imported here and not above: who does not trace need not have it, nor wait for it at start.
        otel = import_module("lemma_inference.telemetry.otel")
    except ImportError as error:
        raise SettingsWrong(
            "Traces need OpenTelemetry's exporter. Install it by `pip install 'lemma-inference[otel]'`, or "
            "leave LEMMA_INFERENCE_OTLP_ENDPOINT unset."
        ) from error
    made: Tracing = otel.OtelTracing.to(endpoint, part, version)
    return made


@dataclass(slots=True)
class Trace:
    """One request. `request` is its id in the journal, `outcome` how it ended, in one word or code; times are
    seconds since it came."""

    operation: str
    span: Span
    request: str = ""
    tenant: str = ""
    request_class: str = ""
    model: str = ""
    replica: str = ""
    outcome: str = ""
    waited: float = 0.0
    first: float = 0.0
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    yanks: int = 0
    failovers: int = 0
    began: float = field(default_factory=time.monotonic)
    _attempt: Span | None = None

    @property
    def traceparent(self) -> str | None:
        """For the engine that works on it."""
        return (self._attempt or self.span).traceparent

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def named(self, caller: Caller, model: str) -> None:
        """Whose it is and what it asks for are known."""
        if self.model:
            return
        self.tenant, self.request_class, self.model = caller.tenant, caller.request_class, model
        self.span.rename(f"{self.operation} {model}")
        self.span.set(
            {"gen_ai.request.model": model, "lemma.tenant": self.tenant, "lemma.class": self.request_class}
        )

    def dispatched(self, waited: float, replica: str) -> None:
        """It leaves the line for a replica."""
        self.span.child("queue", {}, ago=waited).end()
        self.waited += waited
        self.attempts += 1
        self.replica = replica
        attributes: dict[str, Value] = {"lemma.attempt": self.attempts}
        if replica:
            attributes["lemma.replica"] = replica
        self._attempt = self.span.child("attempt", attributes, client=True)

    def first_token(self, seconds: float) -> None:
        """Of this attempt; that of the last one is what the client saw."""
        self.first = seconds
        self.span.set({"gen_ai.response.time_to_first_chunk": seconds})
        if self._attempt:
            self._attempt.event("first_token", {})

    def yanked(self) -> None:
        """It was taken back for research, and stands in line again."""
        self.yanks += 1
        self._end_attempt("yanked")

    def failed_over(self, replica: str) -> None:
        """This replica was lost, and it is made again."""
        self.failovers += 1
        self._end_attempt("failed_over", replica)

    def finished(self, outcome: str, usage: Usage) -> None:
        """It is over, with this usage of the attempt that counts."""
        self.outcome, self.usage = outcome, usage
        attributes: dict[str, Value] = {
            "gen_ai.usage.input_tokens": usage.prompt,
            "gen_ai.usage.cache_read.input_tokens": usage.cached,
            "gen_ai.usage.output_tokens": usage.completion,
        }
        if self.request:
            attributes["gen_ai.response.id"] = self.request
        if outcome in COMPLETE:
            attributes["gen_ai.response.finish_reasons"] = (outcome,)
        self.span.set(attributes)
        if self._attempt:
            self._attempt.end("" if outcome in COMPLETE else outcome)
            self._attempt = None

    def close(self, status: int, error: str = "") -> None:
        """The response is out, with this status; `error` is a word for what went wrong around it. What comes
        later is not told."""
        failed = error or ("" if self.outcome in COMPLETE else self.outcome)
        if not failed and status >= 400:
            failed = str(status)
        self.span.set({"http.response.status_code": status} | ({"error.type": failed} if failed else {}))
        self.span.end(failed if self.broken(status, error) else "")

    def broken(self, status: int, error: str = "") -> bool:
        """Whether it failed by our fault: what a client did wrong, or gave up, is no failure of the service.
        A stream may fail after its 200."""
        well = self.outcome in {"", "aborted", *COMPLETE}
        return bool(error) or status >= 500 or (status < 400 and not well)

    def _end_attempt(self, event: str, replica: str = "") -> None:
        if self._attempt:
            self._attempt.event(event, {"lemma.replica": replica} if replica else {})
            self._attempt.end(event)
            self._attempt = None


_CURRENT: ContextVar[Trace | None] = ContextVar("lemma_inference_trace", default=None)


def current() -> Trace | None:
    """The request that this task works on."""
    return _CURRENT.get()


@contextmanager
def following(trace: Trace | None) -> Iterator[None]:
    """Within, this task and those that it starts work on this request."""
    token = _CURRENT.set(trace)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def checked_traceparent(header: str) -> str | None:
    """The header, where it is one."""
    return header if TRACEPARENT.fullmatch(header) else None
