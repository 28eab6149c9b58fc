"""An engine behind HTTP that speaks OpenAI's API. What differs between engines is a `Dialect`.

Everything is streamed, whether the client streams or not: the first part says that the prompt has been read,
a stalled engine is told from a slow one, and what was written is counted to the last part. Leaving early
closes the connection, which is how both engines learn that nobody waits any more.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Protocol

import aiohttp
import orjson

from lemma_inference.engines import chunks
from lemma_inference.engines.connections import Connections, Path, Patience, Watch
from lemma_inference.engines.protocol import Ask, Delta, EmbedAsk, Embeddings, Health, Logprobs, Usage
from lemma_inference.engines.replica import Replica
from lemma_inference.errors import EngineAbsent, EngineLost, EngineRefused, EngineUnavailable, ServiceError

# An engine that has said [DONE] closes the stream at once, or its connection is not used again.
FAREWELL = 0.5
# Statuses that say that another engine, or a later time, may do better.
PASSING = {408, 429}


class Dialect(Protocol):
    """How one engine wants to be asked, and how it says no."""

    @property
    def name(self) -> str: ...

    @property
    def logprobs(self) -> Logprobs: ...

    def body(self, ask: Ask) -> dict[str, Any]:
        """The request body for a streamed chat or completion with running usage."""
        ...

    def embed_body(self, ask: EmbedAsk) -> dict[str, Any]:
        """The request body for embeddings."""
        ...

    def headers(self, ask: Ask | EmbedAsk) -> dict[str, str]:
        """What the engine is told beside the body."""
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


class Upstream:
    """One engine process, reached where its replica says."""

    def __init__(
        self, replica: Replica, dialect: Dialect, *, slots: int, patience: Patience | None = None
    ) -> None:
        self.replica = replica
        self._dialect = dialect
        self._slots = slots
        self._patience = patience or Patience()
        self._connections = Connections(self._patience)
        replica.on_down(self._connections.cut)

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

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, no connection is open."""
        try:
            yield
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        await self._connections.aclose()

    async def count(self, text: str) -> int:
        answer = await self._whole("/tokenize", self._dialect.tokenize(text), {}, self._patience.errand)
        try:
            return len(answer["tokens"])
        except (KeyError, TypeError) as error:
            raise EngineLost("The engine counted no tokens.") from error

    async def embed(self, ask: EmbedAsk) -> Embeddings:
        body, headers = self._dialect.embed_body(ask), self._dialect.headers(ask)
        answer = await self._whole("/v1/embeddings", body, headers, self._patience.first_byte)
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = tuple(chunks.vector(row["embedding"]) for row in rows)
        except (KeyError, TypeError, ValueError) as error:
            raise EngineLost("The engine sent what is not an embedding.") from error
        if len(vectors) != len(ask.inputs) or not all(vectors):
            raise EngineLost("The engine did not send a vector for each text.")
        return Embeddings(vectors, Usage(prompt=int((answer.get("usage") or {}).get("prompt_tokens") or 0)))

    async def generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        path: Path = "/v1/chat/completions" if ask.prompt is None else "/v1/completions"
        usage, tops, finished = self._dialect.usage, bool(ask.top_logprobs), False
        async with self._post(path, self._dialect.body(ask), self._dialect.headers(ask)) as response:
            with Watch(response, self._patience) as watch:
                try:
                    async with aclosing(chunks.events(watch.read)) as events:
                        async for event in events:
                            self.replica.heard = time.monotonic()
                            chunk = chunks.parsed(event)
                            delta = chunks.delta(chunk, usage(chunk), tops=tops)
                            finished = finished or delta.finish is not None
                            yield delta
                except EngineLost:
                    if not finished:  # What comes after the end is news of the engine, not of the answer.
                        raise
            if not finished:
                raise EngineLost("The engine ended the stream before the answer was complete.")
            await _to_the_end(response)

    @asynccontextmanager
    async def _post(
        self, path: Path, body: dict[str, Any], headers: dict[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The engine's answer, once it has begun. Raises what its refusal or its silence means."""
        replica = self.replica
        if replica.url is None:
            raise EngineAbsent(replica.detail)
        if replica.key:
            headers = headers | {"Authorization": f"Bearer {replica.key}"}
        with replica.at_work():
            response = await self._connections.post(replica.url, path, orjson.dumps(body), headers)
            try:
                if response.status != 200:
                    error = chunks.error_member(await _read(response, self._patience.errand))
                    raise self._dialect.refusal(response.status, error)
                yield response
            finally:
                self._connections.close(response)

    async def _whole(
        self, path: Path, body: dict[str, Any], headers: dict[str, str], seconds: float
    ) -> dict[str, Any]:
        """An answer in one piece."""
        async with self._post(path, body, headers) as response:
            answer = chunks.parsed(await _read(response, seconds))
        if "error" in answer:
            error = answer["error"] if isinstance(answer["error"], dict) else {}
            raise self._dialect.refusal(int(error.get("code") or 500), error)
        return answer


async def _read(response: aiohttp.ClientResponse, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await response.read()
    except TimeoutError as error:
        raise EngineLost(f"The engine did not finish its answer within {seconds:g} s.") from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise EngineLost("The engine broke off the connection.") from error


async def _to_the_end(response: aiohttp.ClientResponse) -> None:
    """Only a stream that has been read to its end leaves a connection that can be used again."""
    with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
        if not response.content.at_eof():
            async with asyncio.timeout(FAREWELL):
                await response.content.read()


def sampling(ask: Ask) -> dict[str, Any]:
    """The fields that both engines know by the same name, where the client gave them."""
    given = {
        "max_tokens": ask.max_tokens,
        "seed": ask.seed,
        "top_k": ask.top_k,
        "min_p": ask.min_p,
        "presence_penalty": ask.presence_penalty,
        "frequency_penalty": ask.frequency_penalty,
        "repetition_penalty": ask.repetition_penalty,
        "min_tokens": ask.min_tokens,
        "stop": list(ask.stop) or None,
        "ignore_eos": ask.ignore_eos or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def engine_refused(status: int, error: dict[str, Any]) -> ServiceError:
    """The meaning of a refusal that no dialect knows better."""
    if status >= 500 or status in PASSING:
        return EngineUnavailable(f"The engine answered {status}.")
    return EngineRefused(f"The engine answered {status}: {error.get('message', 'no reason given')}")
