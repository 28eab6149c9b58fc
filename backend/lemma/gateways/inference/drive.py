"""Drives a reading through the inference service: the one loop between the pure reader and a gateway."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lemma.classify import by_example, by_name
from lemma.gateways.inference.protocol import Call, InferenceGateway, ModelInfo, RequestClass
from lemma.reading.material import NO_MATERIAL, Material
from lemma.reading.reader import Answer, ModelFacts, Reader, Reading, Request
from lemma.reading.reader import TokenLogprob as ReaderToken
from lemma.reading.schema import Example, Task
from lemma.reading.source import Source
from lemma.retrieval import Retriever
from lemma.second import second_opinion

T = TypeVar("T")

TOP_LOGPROBS = 5  # Enough to see how close the second best line came.


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a document is read: how urgent it is, and the opaque id of the organisation."""

    request_class: RequestClass = "interactive"
    customer: str = ""


INTERACTIVE = Asker()


async def read(
    gateway: InferenceGateway,
    model: ModelInfo,
    task: Task,
    source: Source,
    *,
    asker: Asker = INTERACTIVE,
    examples: Sequence[Example] = (),
    material: Material = NO_MATERIAL,
    on_answer: Callable[[int, int], None] = lambda answered, asked: None,
) -> Reading:
    """Reads a source for a task with a customer's material. Requests of one round go out together; the
    gateway queues them.

    `on_answer` is told how many requests were answered of those asked so far; long documents ask more as
    they go on. Raises the gateway's errors; then nothing of the reading is kept.
    """
    facts = ModelFacts(
        id=model.id,
        style=model.style,
        context=model.context,
        count=await gateway.counter(model.id),
        logprobs=model.logprobs,
        window=model.window,
    )

    def begin() -> Reader:
        retrieve = Retriever(material.passages)
        return Reader(
            task,
            source,
            facts,
            tuple(examples),
            material=material,
            retrieve=retrieve,
            others_say=(
                second_opinion(model.style),
                by_name(model.style, material),
                by_example(material),
            ),
        )

    reader = await asyncio.to_thread(begin)
    asked = answered = 0

    async def ask(request: Request) -> tuple[Request, Answer]:
        nonlocal answered
        completion = await gateway.complete(
            Call(
                model=model.id,
                messages=request.messages,
                max_tokens=request.max_tokens,
                grammar=request.grammar,
                request_class=asker.request_class,
                customer=asker.customer,
                top_logprobs=TOP_LOGPROBS,
                stop=tuple(request.stop),
            )
        )
        answered += 1
        on_answer(answered, asked)
        tokens = [ReaderToken(token.text, token.logprob, token.top) for token in completion.tokens]
        return request, Answer(
            text=completion.text,
            finish=completion.finish,
            tokens=tokens,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
        )

    # Building a grammar for a long document takes a tenth of a second: not on the event loop.
    while requests := await asyncio.to_thread(reader.next_requests):
        asked += len(requests)
        for request, answer in await _together([ask(request) for request in requests]):
            reader.feed(request.id, answer)
    return await asyncio.to_thread(reader.result)


async def _together(calls: Sequence[Coroutine[None, None, T]]) -> list[T]:
    """All results in order. When one fails, or the caller is cancelled, the others are stopped first."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
