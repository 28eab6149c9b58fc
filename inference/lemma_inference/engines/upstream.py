"""An engine behind HTTP that speaks OpenAI chat completions. What differs between engines is a `Dialect`."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from lemma_inference.engines.protocol import Alternative, Ask, Delta, Finish, Health, Logprobs, Token, Usage
from lemma_inference.engines.replica import Replica
from lemma_inference.errors import EngineLost, EngineRefused, EngineUnavailable, ServiceError


class Dialect(Protocol):
    """How one engine wants to be asked, and how it says no."""

    @property
    def name(self) -> str: ...

    @property
    def logprobs(self) -> Logprobs: ...

    def body(self, ask: Ask) -> dict[str, Any]:
        """The request body for a streamed chat completion with running usage."""
        ...

    def usage(self, chunk: dict[str, Any]) -> Usage | None:
        """The running count that a chunk carries, if it does."""
        ...

    def refusal(self, status: int, error: dict[str, Any]) -> ServiceError:
        """What the engine's refusal means."""
        ...

    def tokenize(self, text: str) -> dict[str, Any]:
        """The body for the engine's `/tokenize`, which answers with `tokens`."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `first_byte` covers the reading of the prompt only: nobody waits inside the engine."""

    connect: float = 2.0
    first_byte: float = 600.0
    between_chunks: float = 120.0


class Upstream:
    """One engine process, reached where its replica says."""

    def __init__(
        self,
        replica: Replica,
        dialect: Dialect,
        *,
        slots: int,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.replica = replica
        self._dialect = dialect
        self._slots = slots
        self._patience = patience or Patience()
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(self._patience.between_chunks, connect=self._patience.connect, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=slots),
            trust_env=False,
        )

    @property
    def name(self) -> str:
        return self._dialect.name

    @property
    def slots(self) -> int:
        return self._slots

    @property
    def logprobs(self) -> Logprobs:
        return self._dialect.logprobs

    def health(self) -> Health:
        return self.replica.health()

    async def wait_ready(self, seconds: float) -> bool:
        return await self.replica.wait(seconds)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def count(self, text: str) -> int:
        try:
            response = await self._http.send(self._request("/tokenize", self._dialect.tokenize(text)))
        except httpx.TransportError as error:
            raise EngineLost("The engine broke off the connection.") from error
        if response.status_code != 200:
            raise self._dialect.refusal(response.status_code, _error_member(response))
        return len(response.json()["tokens"])

    async def generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        request = self._request("/v1/chat/completions", self._dialect.body(ask))
        try:
            response = await self._http.send(request, stream=True)
        except httpx.TransportError as error:
            raise EngineLost("The engine broke off the connection.") from error
        # Leaving early closes the connection, which is how both engines learn that nobody waits any more.
        try:
            if response.status_code != 200:
                await response.aread()
                raise self._dialect.refusal(response.status_code, _error_member(response))
            finished = False
            async for line in response.aiter_lines():
                if line == "data: [DONE]":
                    break
                if line.startswith("data: "):
                    delta = self._delta(json.loads(line.removeprefix("data: ")))
                    finished = finished or delta.finish is not None
                    yield delta
            if not finished:
                raise EngineLost("The engine ended the stream before the answer was complete.")
        except httpx.TransportError as error:
            raise EngineLost("The engine broke off the connection.") from error
        finally:
            await response.aclose()

    def _request(self, path: str, body: dict[str, Any]) -> httpx.Request:
        if self.replica.url is None:
            raise EngineUnavailable(self.replica.detail)
        headers = {"Authorization": f"Bearer {self.replica.key}"} if self.replica.key else {}
        return self._http.build_request("POST", self.replica.url + path, json=body, headers=headers)

    def _delta(self, chunk: dict[str, Any]) -> Delta:
        if "error" in chunk:
            raise EngineLost("The engine failed while it worked on the answer.")
        usage = self._dialect.usage(chunk)
        if not chunk.get("choices"):
            return Delta(usage=usage)
        choice = chunk["choices"][0]
        reason = choice.get("finish_reason")
        finish: Finish | None = None if not reason else "length" if reason == "length" else "stop"
        text = choice.get("delta", {}).get("content") or ""
        logprobs = (choice.get("logprobs") or {}).get("content") or ()
        tokens = tuple(_token(entry) for entry in logprobs)
        return Delta(
            text=text,
            tokens=_without_end_token(tokens, text) if finish == "stop" else tokens,
            finish=finish,
            usage=usage,
        )


def _without_end_token(tokens: tuple[Token, ...], text: str) -> tuple[Token, ...]:
    """vLLM lists the token that ends the turn, of which the text has nothing; llama.cpp does not."""
    written = text.encode()
    without = b"".join(token.raw for token in tokens[:-1])
    complete = b"".join(token.raw for token in tokens)
    return tokens[:-1] if written.endswith(without) and not written.endswith(complete) else tokens


def _token(entry: dict[str, Any]) -> Token:
    top = tuple(
        Alternative(t["token"], _raw(t), float(t["logprob"])) for t in entry.get("top_logprobs") or ()
    )
    return Token(entry["token"], _raw(entry), float(entry["logprob"]), top)


def _raw(entry: dict[str, Any]) -> bytes:
    raw = entry.get("bytes")
    return bytes(raw) if raw is not None else str(entry["token"]).encode()


def _error_member(response: httpx.Response) -> dict[str, Any]:
    """The OpenAI error object, wherever the engine put it; at worst an empty one."""
    try:
        body = response.json()
    except json.JSONDecodeError:
        return {}
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {"message": str(error)}


def engine_refused(status: int, error: dict[str, Any]) -> ServiceError:
    """The meaning of a refusal that no dialect knows better."""
    if status >= 500:
        return EngineUnavailable(f"The engine answered {status}.")
    return EngineRefused(f"The engine answered {status}: {error.get('message', 'no reason given')}")
