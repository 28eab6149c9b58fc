"""The engine of a command that reads: the service that runs already, else one for the command alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lemma.core.errors import InvalidInput, Unavailable
from lemma.gateways.inference import HttpInference, ModelInfo
from lemma.local.engine import answers, borrowed_engine
from lemma.settings import Settings


class ModelNotServed(InvalidInput):
    """The engine does not serve the model that was asked for."""

    code = "model_not_served"
    title = "No such model here"


@asynccontextmanager
async def reading_engine(
    settings: Settings, wanted: str | None, say: Callable[[str], None]
) -> AsyncIterator[tuple[HttpInference, ModelInfo]]:
    """A gateway to the service that runs already, else to one started for this command."""
    running = await answers(f"{settings.inference_url}/health")
    url = settings.inference_url if running else None
    async with (
        borrowed_engine(url, settings.data_dir / "logs", say) as address,
        HttpInference(address) as gateway,
    ):
        yield gateway, await _choose(gateway, wanted or settings.model)


async def _choose(gateway: HttpInference, wanted: str) -> ModelInfo:
    served = await gateway.models()
    for model in served:
        if model.id == wanted:
            return model
    if not served:
        raise Unavailable("The engine serves no model. See `lemma-inference models check`.")
    names = ", ".join(model.id for model in served)
    raise ModelNotServed(
        f"The engine does not serve {wanted!r}; it serves {names}. Give one of these with --model."
    )
