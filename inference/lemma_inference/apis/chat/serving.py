"""From a checked request to the parts of its answer: compile, queue, generate, watch, count."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from lemma_inference.admission import Admission
from lemma_inference.classes import RequestClass
from lemma_inference.engines.grammar import Guard
from lemma_inference.engines.protocol import Ask, Delta, Engine
from lemma_inference.errors import EngineUnavailable, ModelUnknown
from lemma_inference.metering import Meter

# A request that meets a dead engine before its first token is sent again so often, once it is back.
FURTHER_TRIES = 2
WAIT_FOR_ENGINE = 15.0


@dataclass(frozen=True, slots=True)
class ChatServing:
    """Answers for one model."""

    model: str
    engine: Engine
    admission: Admission
    meter: Meter
    defuse: Callable[[str], str]

    def check_model(self, model: str) -> None:
        """Raises `ModelUnknown` where it is not the one served here."""
        if model != self.model:
            raise ModelUnknown(f"The model {model!r} is not served here; {self.model!r} is.")

    async def answer(self, ask: Ask, request_class: RequestClass) -> AsyncGenerator[Delta, None]:
        """The parts of the answer. Closing the generator gives the seat back and stops the engine's work."""
        guard = await asyncio.to_thread(Guard, ask.grammar) if ask.grammar is not None else None
        ask = replace(ask, messages=[m | {"content": self.defuse(m["content"])} for m in ask.messages])
        async with self.admission.seat(request_class):
            with self.meter.measuring(request_class) as measured:
                async with aclosing(self._generate(ask)) as deltas:
                    async for delta in deltas:
                        measured.saw(delta)
                        if guard:
                            guard.follow(delta.text)
                            # A stop word may end the answer before the grammar does.
                            if delta.finish == "stop" and not ask.stop:
                                guard.finish()
                        yield delta

    async def _generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        """The engine's answer. An engine that is lost before its first token is waited for and asked again;
        afterwards its loss is the caller's to know."""
        for tries_left in range(FURTHER_TRIES, -1, -1):
            begun = False
            try:
                async with aclosing(self.engine.generate(ask)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                return
            except EngineUnavailable:
                if begun or not tries_left or not await self.engine.wait_ready(WAIT_FOR_ENGINE):
                    raise
