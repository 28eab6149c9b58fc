"""The path, and nothing else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lemma_inference.apis.answering import CallerOf, as_stream, in_one_piece
from lemma_inference.apis.answers import ChatCompletion, ChatCompletionChunk
from lemma_inference.apis.chat import render
from lemma_inference.apis.chat.protocol import ChatRequest
from lemma_inference.apis.openapi import answer, failures
from lemma_inference.apis.render import Events, Head
from lemma_inference.apis.serving import Serving
from lemma_inference.callers import Caller


def chat_router(serving: Serving, caller_of: CallerOf) -> APIRouter:
    router = APIRouter(tags=["chat"])

    @router.post(
        "/v1/chat/completions",
        operation_id="chat-complete",
        response_model=None,
        responses=answer(ChatCompletion, stream=ChatCompletionChunk)
        | failures(400, 401, 403, 404, 413, 429, 502, 503),
    )
    async def complete(
        body: ChatRequest, request: Request, caller: Annotated[Caller, Depends(caller_of)]
    ) -> Response:
        """An answer to a conversation, in one piece or as a stream."""
        serving.check_model(body.model)
        head = Head(body.model, render.PREFIX)
        deltas = serving.answer(body.ask(), caller, model=body.model, whole=not body.stream)
        if not body.stream:
            whole = render.whole(head, deltas, logprobs=bool(body.logprobs))
            return await in_one_piece(request, whole, lambda: serving.standing(caller))
        events = Events(head, "chat.completion.chunk", render.chunk, body.usage_at_end, body.usage_on_chunks)
        return await as_stream(request, deltas, events, lambda: serving.standing(caller))

    return router
