"""The path, and nothing else."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from lemma_inference.apis.chat import render
from lemma_inference.apis.chat.protocol import ChatRequest
from lemma_inference.apis.chat.serving import ChatServing
from lemma_inference.apis.streams import ClientGone, EventStream, unless_gone
from lemma_inference.classes import RequestClass
from lemma_inference.engines.protocol import Delta

# nginx's status for a client that closed the connection; nobody reads it but the access log.
CLIENT_CLOSED = 499


def chat_router(serving: ChatServing) -> APIRouter:
    router = APIRouter(tags=["chat"])

    @router.post("/v1/chat/completions", operation_id="chat-complete", response_model=None)
    async def complete(
        body: ChatRequest,
        request: Request,
        x_lemma_class: Annotated[RequestClass, Header()] = "interactive",
    ) -> Response:
        """An answer. The status waits for the first token, so that a refusal never looks like a 200."""
        serving.check_model(body.model)
        head = render.Head(body.model)
        deltas = serving.answer(body.ask(), x_lemma_class)
        try:
            if not body.stream:
                whole = render.whole(head, deltas, logprobs=body.logprobs)
                return JSONResponse(await unless_gone(request.receive, whole))
            first = await unless_gone(request.receive, anext(deltas))
        except ClientGone:
            return Response(status_code=CLIENT_CLOSED)
        usage = body.stream_options is not None and body.stream_options.include_usage
        return EventStream(render.events(head, _with_first(first, deltas), include_usage=usage))

    return router


async def _with_first(first: Delta, rest: AsyncGenerator[Delta, None]) -> AsyncGenerator[Delta, None]:
    try:
        yield first
        async for delta in rest:
            yield delta
    finally:
        await rest.aclose()
