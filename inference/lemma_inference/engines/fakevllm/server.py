"""The paths of `vllm serve`, and the switches for faults."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

from lemma_inference.engines.fakevllm.asks import Ask, Reader, Refused
from lemma_inference.engines.fakevllm.engine import Engine
from lemma_inference.engines.fakevllm.faults import NONE, Faults, Luck
from lemma_inference.engines.fakevllm.jobs import EmbeddingJob, Job, Shop
from lemma_inference.engines.fakevllm.metrics import Metrics
from lemma_inference.engines.fakevllm.scheduler import Scheduler
from lemma_inference.engines.fakevllm.settings import VERSION, Settings
from lemma_inference.engines.fakevllm.timing import PRESETS
from lemma_inference.engines.fakevllm.tokens import Tokens
from lemma_inference.engines.fakevllm.wire import Connection, Exchange

GUARDED = ("/v1", "/v2", "/inference", "/cohere")
ANSWERING = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings")
DIED = 1


class Server:
    """Everything that the process has. `serve` starts it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.faults = NONE
        self.connections: set[Connection] = set()
        self._luck = Luck()
        self._asked = 0
        self._written = 0
        self._held: list[Exchange] = []
        self._listener: asyncio.Server | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._tokens = Tokens(settings.tokens_width)
        self.scheduler = Scheduler(settings.limits)
        self.engine = Engine(self.scheduler, PRESETS[settings.preset], settings.speed)
        self._metrics = Metrics(self.scheduler, settings.model)
        self._reader = Reader(
            self._tokens, settings.model, settings.limits.max_model_len, settings.force_usage
        )
        self._shop = Shop(
            self.engine,
            self._tokens,
            self._metrics,
            settings.answer_tokens,
            settings.prompt_details,
            self._token_written,
        )
        self._routes: dict[str, tuple[str, Callable[[Exchange], None]]] = {
            "/v1/chat/completions": ("POST", self._chat),
            "/v1/completions": ("POST", self._completion),
            "/v1/embeddings": ("POST", self._embeddings),
            "/v1/models": ("GET", self._models),
            "/tokenize": ("POST", self._tokenize),
            "/detokenize": ("POST", self._detokenize),
            "/health": ("GET", lambda exchange: exchange.send(200)),
            "/ping": ("GET", lambda exchange: exchange.send(200)),
            "/version": ("GET", lambda exchange: exchange.json(200, {"version": VERSION})),
            "/load": ("GET", self._load),
            "/metrics": ("GET", self._metrics_page),
        }

    async def serve(self) -> str:
        """Listens and works from now on; returns the address."""
        self._keep(self.engine.run())
        port = await self._listen(self.settings.port)
        self.set_faults(self.settings.faults)
        return f"http://{self.settings.host}:{port}"

    async def close(self) -> None:
        """Breaks everything off."""
        if self._listener is not None:
            self._listener.close()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        for connection in list(self.connections):
            connection.kill()

    def set_faults(self, faults: Faults) -> None:
        """These instead of those before."""
        before, self.faults = self.faults, faults
        self._luck, self._asked, self._written = Luck(), 0, 0
        self.engine.freeze(faults.freeze or faults.half_open)
        if faults.half_open != before.half_open:
            for connection in self.connections:
                connection.deafen(faults.half_open)
        if faults.refuse_seconds:
            self._keep(self._refuse(faults.refuse_seconds))
        if not self._still:
            held, self._held = self._held, []
            for exchange in held:
                exchange.gone = None
                self._handle(exchange)

    @property
    def _still(self) -> bool:
        return self.faults.freeze or self.faults.half_open

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs it beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()):
            asyncio.get_running_loop().call_exception_handler({"message": str(error), "exception": error})

    async def _listen(self, port: int) -> int:
        listener = await asyncio.get_running_loop().create_server(
            self._connection, self.settings.host, port, backlog=2048
        )
        self._listener = listener
        return int(listener.sockets[0].getsockname()[1])

    async def _refuse(self, seconds: float) -> None:
        if self._listener is None:
            return
        port = int(self._listener.sockets[0].getsockname()[1])
        self._listener.close()
        self._listener = None
        await asyncio.sleep(seconds)
        await self._listen(port)

    def _connection(self) -> Connection:
        idle, deaf = self.settings.idle_seconds, self.faults.half_open
        return Connection(self._arrived, self.connections, idle, deaf=deaf)

    def _arrived(self, exchange: Exchange) -> None:
        """Every request comes through here."""
        if exchange.path in ("/fault", "/reset_prefix_cache") and self.settings.faults_allowed:
            self._switch(exchange)
        elif self._still:
            exchange.gone = lambda: self._held.remove(exchange)
            self._held.append(exchange)
        elif self.faults.cut_keep_alive and exchange.served:
            exchange.kill()
        else:
            self._handle(exchange)

    def _handle(self, exchange: Exchange) -> None:
        try:
            if not self._has_key(exchange):
                exchange.json(401, {"error": "Unauthorized"})
                return
            method, handler = self._routes.get(exchange.path, ("", _not_found))
            if method and exchange.method != method and (method, exchange.method) != ("GET", "HEAD"):
                exchange.json(405, {"detail": "Method Not Allowed"}, [("allow", method)])
            else:
                handler(exchange)
        except Refused as refused:
            exchange.json(refused.status, refused.body, self._headers(exchange))

    def _has_key(self, exchange: Exchange) -> bool:
        """As in vLLM, only some paths are guarded: whoever reaches the port may read the metrics."""
        key = self.settings.api_key
        if key is None or exchange.method == "OPTIONS" or not exchange.path.startswith(GUARDED):
            return True
        return exchange.headers.get("authorization") == f"Bearer {key}"

    def _chat(self, exchange: Exchange) -> None:
        self._answer(exchange, "chatcmpl-", lambda body: self._reader.chat(body, _priority(exchange)))

    def _completion(self, exchange: Exchange) -> None:
        self._answer(exchange, "cmpl-", lambda body: self._reader.completion(body, _priority(exchange)))

    def _answer(self, exchange: Exchange, prefix: str, read: Callable[[dict[str, Any]], Ask]) -> None:
        faults = self._struck(exchange)
        if faults is None:
            return
        ask = read(_body(exchange))
        self._check_room()
        identity = self._identity(exchange, prefix)
        Job(self._shop, exchange, ask, identity, faults, lambda: self._headers(exchange)).start()

    def _embeddings(self, exchange: Exchange) -> None:
        if self._struck(exchange) is None:
            return
        body = _body(exchange)
        asks = self._reader.embeddings(body)
        self._check_room()
        size = body.get("dimensions") or self.settings.embedding_size
        if type(size) is not int or not 0 < size <= self.settings.embedding_size:
            raise Refused(f"dimensions must be from 1 to {self.settings.embedding_size}.", param="dimensions")
        base64 = body.get("encoding_format") == "base64"
        EmbeddingJob(self._shop, exchange, asks, self._identity(exchange, "embd-"), size, base64).start()

    def _struck(self, exchange: Exchange) -> Faults | None:
        """The faults that hit this request; None where one of them was already its answer."""
        faults = self.faults
        if faults is NONE:
            return faults
        self._asked += 1
        if faults.die_after_requests is not None and self._asked > faults.die_after_requests:
            os._exit(DIED)
        if not self._luck.hit(faults):
            return NONE
        if faults.close_first:
            exchange.kill()
            return None
        if faults.status is not None:
            kind = "ServiceUnavailableError" if faults.status == 503 else "InternalServerError"
            raise Refused("The fake engine was told to fail.", faults.status, kind)
        return faults

    def _token_written(self) -> None:
        self._written += 1
        most = self.faults.die_after_tokens
        if most is not None and self._written > most:
            os._exit(DIED)

    def _check_room(self) -> None:
        if self.scheduler.full:
            self._metrics.refused += 1
            most = self.settings.limits.max_num_queued_reqs
            raise Refused(
                f"The engine has {self.scheduler.unfinished} unfinished requests of at most {most}."
                " Try again later.",
                503,
                "ServiceUnavailableError",
            )

    def _identity(self, exchange: Exchange, prefix: str) -> dict[str, Any]:
        number = exchange.headers.get("x-request-id") or os.urandom(16).hex()
        return {"id": prefix + number, "created": int(time.time()), "model": self.settings.model}

    def _headers(self, exchange: Exchange) -> list[tuple[str, str]]:
        headers = []
        if self.settings.request_ids and (number := exchange.headers.get("x-request-id")):
            headers.append(("x-request-id", number))
        if exchange.headers.get("endpoint-load-metrics-format", "").lower() == "json":
            load = {
                "kv_cache_usage_perc": self.scheduler.pool.usage,
                "num_requests_waiting": self.scheduler.waiting,
            }
            headers.append(("endpoint-load-metrics", "JSON " + json.dumps({"named_metrics": load})))
        return headers

    def _models(self, exchange: Exchange) -> None:
        card = {
            "id": self.settings.model,
            "object": "model",
            "created": int(time.time()),
            "owned_by": "vllm",
            "root": self.settings.model,
            "parent": None,
            "max_model_len": self.settings.limits.max_model_len,
        }
        exchange.json(200, {"object": "list", "data": [card]})

    def _tokenize(self, exchange: Exchange) -> None:
        body = _body(exchange)
        if "messages" in body:
            tokens = self._reader.chat({**body, "max_tokens": None}, None).prompt
        elif isinstance(body.get("prompt"), str):
            tokens = self._tokens.text(body["prompt"])
        else:
            raise Refused("Field required: prompt or messages", kind="Bad Request")
        ids = self._tokens.ids(tokens)
        most = self.settings.limits.max_model_len
        exchange.json(200, {"count": len(ids), "max_model_len": most, "tokens": ids, "token_strs": None})

    def _detokenize(self, exchange: Exchange) -> None:
        ids = _body(exchange).get("tokens")
        if not isinstance(ids, list) or not all(type(one) is int and one >= 0 for one in ids):
            raise Refused("Field required: tokens", kind="Bad Request", param="tokens")
        exchange.json(200, {"prompt": self._tokens.decode(self._tokens.from_ids(ids))})

    def _load(self, exchange: Exchange) -> None:
        exchange.json(200, {"server_load": self.scheduler.unfinished if self.settings.server_load else 0})

    def _metrics_page(self, exchange: Exchange) -> None:
        page = self._metrics.page().encode()
        exchange.send(200, page, "text/plain; version=0.0.4; charset=utf-8")

    def _switch(self, exchange: Exchange) -> None:
        if exchange.path == "/reset_prefix_cache":
            self.scheduler.pool.forget()
            exchange.send(200)
            return
        if exchange.method == "POST":
            try:
                faults = Faults.from_json(exchange.body)
            except ValueError as error:
                exchange.json(400, {"error": str(error)})
                return
            exchange.json(200, faults.as_dict())
            self.set_faults(NONE if faults == NONE else faults)
        else:
            exchange.json(200, self.faults.as_dict())


def _not_found(exchange: Exchange) -> None:
    exchange.json(404, {"detail": "Not Found"})


def _body(exchange: Exchange) -> dict[str, Any]:
    try:
        body = json.loads(exchange.body)
        exchange.body = b""
    except ValueError as error:
        raise Refused(f"JSON decode error: {error}", kind="Bad Request") from error
    if not isinstance(body, dict):
        raise Refused("Input should be a valid dictionary", kind="Bad Request")
    return body


def _priority(exchange: Exchange) -> int | None:
    """Of the header, which goes before the body's."""
    value = exchange.headers.get("x-vllm-priority")
    if value is None:
        return None
    try:
        priority = int(value)
    except ValueError as error:
        raise Refused(f"X-Vllm-Priority must be a whole number, not {value!r}.") from error
    if not -(2**63) <= priority < 2**63:
        raise Refused(f"X-Vllm-Priority must fit 64 bits, unlike {value}.")
    return priority
