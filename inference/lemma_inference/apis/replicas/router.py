"""Taking a replica out for a while, for an update of its machine, and putting it back. What it works on is
finished; requests that come meanwhile go to the others, or wait."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from lemma_inference.apis.openapi import failures
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.errors import InvalidRequest, ModelUnknown
from lemma_inference.fleet import House

WHY = "It is drained: somebody took it out. POST /v1/replicas/resume puts it back."


class Named(BaseModel):
    """A replica, by the names that `GET /health` shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    replica: str


class Drain(Named):
    """`seconds` is how long the answer may wait until the replica works on nothing any more."""

    seconds: Annotated[float, Field(ge=0.0, le=600.0)] = 30.0


def replicas_router(houses: Mapping[str, House]) -> APIRouter:
    router = APIRouter(tags=["operations"])

    def find(named: Named) -> Replica:
        house = houses.get(named.model)
        if house is None:
            raise ModelUnknown(f"The model {named.model!r} is not served here.")
        member = house.members.get(named.replica)
        if member is None:
            there = ", ".join(house.members)
            raise InvalidRequest(
                f"There is no replica {named.replica!r}; there are {there}.", param="replica"
            )
        if not isinstance(member.engine, Upstream):
            raise InvalidRequest("This engine is part of the gateway.", param="replica")
        return member.engine.replica

    @router.post("/v1/replicas/drain", operation_id="replicas-drain", responses=failures(400, 401, 403, 404))
    async def drain(body: Drain) -> dict[str, Any]:
        """Gives it nothing new. Answers once it works on nothing, or after `seconds`: `working` says on how
        much still. It stays out until it is resumed, also if the engine is started again."""
        replica = find(body)
        replica.drain(WHY)
        await replica.drained(body.seconds)
        return _state(replica)

    @router.post(
        "/v1/replicas/resume", operation_id="replicas-resume", responses=failures(400, 401, 403, 404)
    )
    async def resume(body: Named) -> dict[str, Any]:
        """Gives it requests again."""
        replica = find(body)
        replica.resume()
        return _state(replica)

    return router


def _state(replica: Replica) -> dict[str, Any]:
    return {"state": replica.state, "working": replica.working, "detail": replica.health().detail}
