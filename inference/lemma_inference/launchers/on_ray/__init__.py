"""Engines on the machines of a Ray cluster. Ray places them; no token passes through it.

Four processes, each of which may be killed without the engine: the gateway's `launcher`, its child `driver`,
which alone speaks Ray, an `actor` beside each engine, and the engine's `minder`, which keeps it up. What they
know of it lies in a `folder` beside it.
"""

from lemma_inference.launchers.on_ray.launcher import RayLauncher

__all__ = ["RayLauncher"]
