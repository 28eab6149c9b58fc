"""The part of the gateway that speaks Ray, in a process of its own:
`python -m lemma_inference.launchers.on_ray.driver`.

Ray's library ends the process that it is in when its head stays away for a minute, and takes more memory
than the whole gateway. So the gateway never loads it. The first line of stdin is the `Plan`; a line with an
id ends that engine. Every second or so a line on stdout says where the engines are. When stdin ends, so does
this, while the engines run on. What goes wrong with Ray ends this too, and the gateway starts it again.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from lemma_inference.launchers.on_ray.actor import EngineActor
from lemma_inference.launchers.on_ray.folder import runs_here
from lemma_inference.launchers.on_ray.plan import Plan
from lemma_inference.launchers.protocol import Endpoint, EngineSpec

# Optional, and without types.
ray: Any = import_module("ray")

EVERY = 1.0
# So long one round of questions may take.
PATIENCE = 5.0


def main() -> None:
    """Runs until stdin ends or Ray does."""
    plan = Plan.of(sys.stdin.readline())
    to_stop: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_follow, args=(to_stop,), daemon=True).start()
    ray.init(
        address=plan.address,
        namespace=plan.namespace,
        log_to_driver=False,
        configure_logging=False,
    )
    driver = Driver(plan)
    while True:
        began = time.monotonic()
        while (engine := _next(to_stop)) is not None:
            driver.stop(engine)
        say({"engines": [asdict(endpoint) for endpoint in driver.endpoints()]})
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


def say(value: object) -> None:
    """One line on stdout."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _follow(to_stop: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        to_stop.put(line.strip())
    os._exit(0)


def _next(queue: "SimpleQueue[str]") -> str | None:
    try:
        return queue.get_nowait()
    except Empty:
        return None


class Looking(Exception):
    """Whether the engine runs somewhere already is not known yet; the sentence says what is waited for."""


class Driver:
    """Detached, named actors, one for each engine, which is asked where its engine is."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._specs = {spec.id: spec for spec in plan.specs}
        self._known = {engine: str(urlsplit(url).hostname) for engine, url in plan.known.items()}
        self._began = time.monotonic()
        self._actors: dict[str, Any] = {}
        # Questions that are not answered yet, so that nobody is asked twice: each actor where its engine is,
        # and each machine whether it runs one.
        self._asked: dict[str, Any] = {}
        self._looked: dict[str, dict[Any, str]] = {}

    def endpoints(self) -> list[Endpoint]:
        """Of all engines, as their actors say; of the others, why not."""
        nodes = _alive()
        found: list[Endpoint] = []
        for spec in self._specs.values():
            if spec.id not in self._asked:
                try:
                    self._asked[spec.id] = self._actor(spec, nodes).endpoint.remote()
                except Looking as looking:
                    found.append(Endpoint(spec.id, None, None, "starting", str(looking), lives=0))
        names = {reference: name for name, reference in self._asked.items()}
        done, waiting = _answers(list(names))
        found += [self._answer(names[reference], reference) for reference in done]
        return found + [self._not_placed(self._specs[names[reference]]) for reference in waiting]

    def stop(self, engine: str) -> None:
        """Ends an engine and its actor."""
        spec = self._specs.pop(engine, None)
        self._asked.pop(engine, None)
        if spec is None:
            return
        until = time.monotonic() + 2 * PATIENCE
        while (actor := self._actor_or_none(spec)) is None and time.monotonic() < until:
            time.sleep(EVERY)
        if actor is not None:
            with suppress(ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError):
                ray.get(actor.stop.remote(), timeout=PATIENCE)
            ray.kill(actor)
        say({"stopped": engine})

    def _answer(self, name: str, reference: Any) -> Endpoint:
        del self._asked[name]
        try:
            endpoint = Endpoint(**ray.get(reference))
        except ray.exceptions.RayActorError as error:
            # It died, and with the next question another one is made. Why it could not begin is worth saying.
            self._actors.pop(name, None)
            return Endpoint(name, None, None, "down", f"Ray lost the engine's actor: {_why(error)}", lives=0)
        except ray.exceptions.RayTaskError as error:
            return Endpoint(name, None, None, "down", _why(error), lives=0)
        return endpoint

    def _not_placed(self, spec: EngineSpec) -> Endpoint:
        wants = f"a machine with {spec.gpus:g} free GPUs" if spec.gpus else "room on a machine"
        detail = f"Ray has not placed the engine yet; it waits for {wants}."
        return Endpoint(spec.id, None, None, "starting", detail, lives=0)

    def _actor_or_none(self, spec: EngineSpec) -> Any:
        with suppress(Looking):
            return self._actor(spec, _alive())
        return None

    def _actor(self, spec: EngineSpec, nodes: list[dict[str, Any]]) -> Any:
        """The engine's actor; where there is none, a new one, on the machine where the engine runs. Raises
        `Looking`."""
        if spec.id not in self._actors:
            name = f"engine-{spec.id}"
            try:
                self._actors[spec.id] = ray.get_actor(name)
            except ValueError:
                options: dict[str, Any] = {
                    "name": name,
                    "lifetime": "detached",
                    "get_if_exists": True,
                    # Ray would start it again anywhere; the engine that it is for runs on.
                    "max_restarts": 0,
                    "num_gpus": spec.gpus,
                    "num_cpus": 0,
                }
                if (home := self._home(spec.id, nodes)) is not None:
                    options["scheduling_strategy"] = _on(home)
                remote = ray.remote(EngineActor).options(**options)
                plan = self._plan
                self._actors[spec.id] = remote.remote(asdict(spec), plan.host, plan.lease_seconds)
        return self._actors[spec.id]

    def _home(self, engine: str, nodes: list[dict[str, Any]]) -> str | None:
        """The node on whose machine this engine runs already. Raises `Looking` until all have answered.

        After a head was killed its machines come back one by one. The one where an engine is known to run is
        waited for until the engine, which nobody asks for, has ended by itself.
        """
        host = self._known.get(engine)
        hosts = {str(node["NodeManagerAddress"]) for node in nodes}
        if host and host not in hosts and time.monotonic() - self._began < self._plan.lease_seconds:
            raise Looking(f"The engine's machine {host} has not come back to the cluster yet.")
        if len(nodes) == 1:
            return None
        if engine not in self._looked:
            look, ids = ray.remote(runs_here), [str(node["NodeID"]) for node in nodes]
            self._looked[engine] = {
                look.options(num_cpus=0, scheduling_strategy=_on(one)).remote(engine): one for one in ids
            }
        done, waiting = _answers(list(self._looked[engine]))
        homes = [self._looked[engine][reference] for reference in done if _true(reference)]
        if not homes and waiting:
            raise Looking(f"{len(waiting)} machines have not said yet whether the engine runs there.")
        del self._looked[engine]
        return homes[0] if homes else None


def _alive() -> list[dict[str, Any]]:
    """The machines of the cluster. Hangs where the head is gone, and whoever waits for this notices."""
    return [node for node in ray.nodes() if node["Alive"]]


def _answers(references: list[Any]) -> tuple[list[Any], list[Any]]:
    """Those that are there, after a while, and those that are not."""
    if not references:
        return [], []
    done, waiting = ray.wait(references, num_returns=len(references), timeout=PATIENCE)
    return done, waiting


def _true(reference: Any) -> bool:
    """What a machine answered; one that is gone runs nothing."""
    try:
        return bool(ray.get(reference))
    except ray.exceptions.RayError:
        return False


def _on(node: str) -> Any:
    """On this node or nowhere."""
    strategies = import_module("ray.util.scheduling_strategies")
    return strategies.NodeAffinitySchedulingStrategy(node, soft=False)


def _why(error: Exception) -> str:
    """The last line of what Ray says, which is the reason."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__


if __name__ == "__main__":
    try:
        main()
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, TimeoutError, OSError) as error:
        say({"error": f"{type(error).__name__}: {_why(error)}"})
        os._exit(1)
