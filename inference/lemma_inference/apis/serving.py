"""From a checked request to the parts of its answer: compile, count, reserve, queue, generate, watch, settle.

One request is one account in the meter, whatever it took: an attempt that a replica lost, or that was taken
back for research, is thrown away and made again, as long as nothing of it has reached the client.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from lemma_inference.admission import ENGINE_PRIORITY, Ticket
from lemma_inference.apis.request import Request
from lemma_inference.callers import Caller
from lemma_inference.engines.grammar import Guard
from lemma_inference.engines.protocol import Ask, Delta, EmbedAsk, Embeddings
from lemma_inference.errors import ModelUnknown, ServiceError
from lemma_inference.fleet import USUAL_ANSWER, House
from lemma_inference.keys import CacheSalt
from lemma_inference.metering import Account, Metering
from lemma_inference.metering.budgets import headers
from lemma_inference.telemetry import Telemetry

# How much of a prompt decides where it is sent: its beginning is what a cache may hold.
PREFIX_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class Serving:
    """Answers for all served models."""

    houses: Mapping[str, House]
    metering: Metering
    telemetry: Telemetry
    salt: CacheSalt

    def house(self, model: str) -> House:
        """Raises `ModelUnknown` where the model is not served here."""
        if model not in self.houses:
            known = ", ".join(map(repr, self.houses)) or "none"
            raise ModelUnknown(f"The model {model!r} is not served here; served: {known}.")
        return self.houses[model]

    def check_model(self, model: str) -> None:
        """Raises `ModelUnknown` where it is not served here."""
        self.house(model)

    async def answer(
        self, ask: Ask, caller: Caller, *, model: str, whole: bool
    ) -> AsyncGenerator[Delta, None]:
        """The parts of the answer. Closing the generator gives the seat back and stops the engine's work.

        `whole` says that the client wants the answer in one piece. Then nothing has reached it before the
        end, and until then the request may be made again elsewhere.
        """
        house = self.house(model)
        if ask.grammar is not None:  # Refuse a wrong one before anything is reserved for it.
            await asyncio.to_thread(Guard, ask.grammar)
        counted = await house.count(ask)
        account = self._reserve(caller, model, counted.prompt, counted.answer)
        ask = self._prepared(ask, caller, house, account.id)
        ticket = Ticket(
            caller,
            counted.prompt,
            counted.answer if ask.max_tokens is not None else min(counted.answer, USUAL_ANSWER),
            deadline=house.admission.now + caller.within,
            prefix=_prefix(ask),
        )
        request = Request(house, ask, ticket, account, self.telemetry, whole=whole)
        async with aclosing(request.answer()) as deltas:
            async for delta in deltas:
                yield delta

    async def embed(self, ask: EmbedAsk, caller: Caller, *, model: str) -> Embeddings:
        """Vectors for texts."""
        house = self.house(model)
        prompt = await house.count_inputs(ask)
        account = self._reserve(caller, model, prompt, 0)
        ticket = Ticket(caller, prompt, 0, deadline=house.admission.now + caller.within)
        ask = replace(ask, request_id=account.id, cache_salt=self.salt.of(caller))
        request = Request(house, ask, ticket, account, self.telemetry)
        return await request.embed()

    def standing(self, caller: Caller) -> dict[str, str]:
        """How the caller stands with its budgets, in the headers that OpenAI's clients read."""
        return headers(self.metering.standings(caller))

    def _reserve(self, caller: Caller, model: str, prompt: int, answer: int) -> Account:
        try:
            return self.metering.reserve(caller, model, prompt, answer)
        except ServiceError as error:
            self.telemetry.rejected(caller, model, error.code)
            raise

    def _prepared(self, ask: Ask, caller: Caller, house: House, request_id: str) -> Ask:
        """The request as an engine may see it: no text of it can be taken for the template's own, and its
        prompt shares a cache with prompts of the same account only."""
        defused = [m | {"content": house.defuse(m["content"])} for m in ask.messages]
        prompt = house.defuse(ask.prompt) if isinstance(ask.prompt, str) else ask.prompt
        return replace(
            ask,
            messages=defused,
            prompt=prompt,
            priority=ENGINE_PRIORITY[caller.request_class],
            cache_salt=self.salt.of(caller),
            request_id=request_id,
        )


def _prefix(ask: Ask) -> int:
    """Equal for prompts of one account that begin alike; never 0."""
    if isinstance(ask.prompt, tuple):
        return hash((ask.cache_salt, ask.prompt[: PREFIX_CHARACTERS // 4])) or 1
    text = ask.prompt
    if text is None:
        text = "".join(message["content"] for message in ask.messages[:2])
    return hash((ask.cache_salt, text[:PREFIX_CHARACTERS])) or 1
