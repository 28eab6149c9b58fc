"""The real client: OpenAI chat completions over HTTP, always streamed.

Streaming gives three things that a plain request does not: a stalled engine is told from a slow one, the
phases of a request have their own time limits, and nothing is asked twice once an answer has begun.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx
from tokenizers import Tokenizer

from lemma.core.errors import LemmaError
from lemma.gateways.inference.errors import (
    ContextOverflow,
    InferenceBusy,
    InferenceInterrupted,
    InferenceRefused,
    InferenceTimedOut,
    InferenceUnavailable,
    ModelUnknown,
)
from lemma.gateways.inference.protocol import Call, Completion, ModelInfo, UsagePage
from lemma.gateways.inference.stream import Assembly

CLASS_HEADER = "X-Lemma-Class"
CUSTOMER_HEADER = "X-Lemma-Customer"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase. `first_byte` covers the service's queue and the reading of the prompt."""

    connect: float = 5.0
    first_byte: float = 900.0
    between_chunks: float = 120.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request that got no byte of an answer is sent again, with full jitter between
    (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/)."""

    attempts: int = 4
    base: float = 0.2
    cap: float = 5.0

    def pause(self, attempt: int, rng: random.Random) -> float:
        """Seconds to wait after attempt number `attempt`, counted from 0."""
        return rng.uniform(0.0, min(self.cap, self.base * 2**attempt))


class _TryAgain(Exception):
    """The attempt failed before its first byte; `error` is what to raise if it was the last."""

    def __init__(self, error: InferenceUnavailable, after: float | None = None) -> None:
        super().__init__(error.detail)
        self.error = error
        self.after = after


class HttpInference:
    """Speaks to one inference service. Use as an async context manager, or call `aclose`."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        connections: int = 64,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        self._sleep = sleep
        self._rng = random.Random()  # noqa: S311 - jitter is not a secret
        self._counters: dict[str, Callable[[str], int]] = {}
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(30.0, connect=self._timeouts.connect, pool=None),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def models(self) -> list[ModelInfo]:
        listed = await self._json("GET", "/v1/models")
        return [_model_info(entry) for entry in listed.get("data", ())]

    async def counter(self, model: str) -> Callable[[str], int]:
        if model not in self._counters:
            response = await self._retrying(lambda: self._request("GET", f"/v1/models/{model}/tokenizer"))
            self._counters[model] = _tokenizer_counter(response.text) if response.text else upper_estimate
        return self._counters[model]

    async def complete(self, call: Call) -> Completion:
        return await self._retrying(lambda: self._stream(call))

    async def usage(self, gateway: str | None, after: int, limit: int = 500) -> UsagePage | None:
        try:
            page = await self._json("GET", f"/v1/usage?after={after}&limit={limit}")
            if gateway is not None and page["gateway"] != gateway:
                page = await self._json("GET", f"/v1/usage?after=0&limit={limit}")
        except InferenceRefused as refused:
            if refused.upstream in {"usage_not_kept", "forbidden"}:
                return None
            raise
        return UsagePage(str(page["gateway"]), page["data"], int(page["next"]))

    async def usage_kept(self, gateway: str, seq: int) -> None:
        body = {"gateway": gateway, "seq": seq}
        await self._retrying(lambda: self._request("POST", "/v1/usage/acknowledge", body))

    async def _retrying(self, attempt: Callable[[], Awaitable[T]]) -> T:
        for number in range(self._retries.attempts):
            try:
                return await attempt()
            except _TryAgain as failed:
                if number + 1 == self._retries.attempts:
                    raise failed.error from failed
                pause = self._retries.pause(number, self._rng)
                await self._sleep(max(pause, min(failed.after or 0.0, self._retries.cap)))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _stream(self, call: Call) -> Completion:
        """One attempt. Leaving this block early, by cancellation too, closes the connection, and with
        that the service stops the engine's work."""
        request = self._http.build_request(
            "POST",
            "/v1/chat/completions",
            json=_body(call),
            headers={CLASS_HEADER: call.request_class}
            | ({CUSTOMER_HEADER: call.customer} if call.customer else {}),
            timeout=httpx.Timeout(
                self._timeouts.between_chunks,
                connect=self._timeouts.connect,
                read=max(self._timeouts.first_byte, self._timeouts.between_chunks),
                pool=None,
            ),
        )
        async with self._sent(request) as response:
            assembly = Assembly(call.model)
            async for data in self._events(response):
                assembly.add(data)
                if assembly.done:
                    break
            return assembly.completion()

    @asynccontextmanager
    async def _sent(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """The response once its head is there; raises what its status means."""
        try:
            async with asyncio.timeout(self._timeouts.first_byte):
                response = await self._http.send(request, stream=True)
        except (TimeoutError, httpx.ReadTimeout) as late:
            raise InferenceTimedOut(
                f"The model did not begin to answer within {self._timeouts.first_byte:g} seconds."
            ) from late
        except httpx.TransportError as broken:
            raise _TryAgain(InferenceUnavailable("The model service cannot be reached.")) from broken
        try:
            if response.status_code >= 400:
                await response.aread()
                raise _meaning(response)
            yield response
        except httpx.TransportError as broken:
            raise InferenceInterrupted("The connection to the model service broke off.") from broken
        finally:
            await response.aclose()

    async def _events(self, response: httpx.Response) -> AsyncIterator[str]:
        """The data of each server-sent event, each within its time."""
        lines = response.aiter_lines()
        while True:
            try:
                async with asyncio.timeout(self._timeouts.between_chunks):
                    line = await anext(lines)
            except StopAsyncIteration:
                return
            except TimeoutError as late:
                raise InferenceInterrupted(
                    f"The model fell silent for {self._timeouts.between_chunks:g} seconds."
                ) from late
            if line.startswith("data:"):
                yield line.removeprefix("data:").strip()

    async def _json(self, method: str, path: str) -> dict[str, Any]:
        response = await self._retrying(lambda: self._request(method, path))
        body: dict[str, Any] = response.json()
        return body

    async def _request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            response = await self._http.request(method, path, json=body)
        except httpx.TransportError as broken:
            raise _TryAgain(InferenceUnavailable("The model service cannot be reached.")) from broken
        if response.status_code >= 400:
            raise _meaning(response)
        return response


def upper_estimate(text: str) -> int:
    """Tokens of a text under a tokenizer that we do not have: no fewer than a byte-pair one needs in
    practice. Digits and punctuation count one each, letters one for every two bytes."""
    letters = sum(len(c.encode()) for c in text if c.isalpha())
    others = sum(len(c.encode()) for c in text if not c.isalpha())
    return (letters + 1) // 2 + others


def _tokenizer_counter(tokenizer_json: str) -> Callable[[str], int]:
    tokenizer = Tokenizer.from_str(tokenizer_json)
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _model_info(entry: dict[str, Any]) -> ModelInfo:
    facts = entry.get("lemma", {})
    return ModelInfo(
        id=entry["id"],
        context=int(facts.get("context") or entry.get("max_model_len") or 4096),
        style=facts.get("style", "full"),
        logprobs=facts.get("logprobs", "masked"),
        weights=str(facts.get("weights", "")),
        window=int(facts.get("window", 0)),
    )


def _body(call: Call) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": call.model,
        "messages": [dict(message) for message in call.messages],
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if call.grammar is not None:
        body["structured_outputs"] = {"grammar": call.grammar}
    if call.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": call.top_logprobs}
    if call.stop:
        body["stop"] = list(call.stop)
    if call.seed is not None:
        body["seed"] = call.seed
    return body


def _meaning(response: httpx.Response) -> LemmaError | _TryAgain:
    """What a refusal means for us. The body is the service's problem object, or anything at all."""
    try:
        body = json.loads(response.text)
    except json.JSONDecodeError:
        body = {}
    problem: dict[str, Any] = body if isinstance(body, dict) else {}
    code, detail = str(problem.get("code", "unknown")), str(problem.get("detail", ""))
    if response.status_code == 429:
        after = response.headers.get("Retry-After", "")
        seconds = float(after) if after.isdigit() else None
        return _TryAgain(
            InferenceBusy("All models are busy. Try again shortly.", retry_after=seconds), seconds
        )
    if response.status_code >= 500:
        return _TryAgain(
            InferenceUnavailable(detail or f"The model service answered {response.status_code}.")
        )
    if code == "context_overflow":
        return ContextOverflow(
            detail, prompt_tokens=int(problem.get("prompt_tokens", 0)), context=int(problem.get("context", 0))
        )
    if code == "model_unknown":
        return ModelUnknown(detail)
    return InferenceRefused(detail or f"The model service answered {response.status_code}.", upstream=code)
