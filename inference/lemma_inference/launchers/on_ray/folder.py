"""What is known of an engine, in files beside it, which outlive everybody who started it.

* `spec.json`: what to start, written by the actor;
* `endpoint.json`: where it is and how, written by the minder;
* `cards.json`: which graphics cards Ray gave, and which the engine uses;
* `lock`: held by the minder for as long as it lives;
* `lease`: touched by the actor whenever a gateway asks for the engine;
* `stop`: when it appears, the engine ends.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lemma_inference.launchers.orphans import own_folder
from lemma_inference.launchers.protocol import Endpoint, EngineSpec


class CardsTaken(Exception):
    """The graphics cards that Ray gave are used by engines that it has not counted yet."""


class Folder:
    """One engine's. Nobody but this user can look into it, because it holds the engine's key. The engine's id
    becomes a path; it is made of letters that the registry allows."""

    def __init__(self, engine: str, root: Path | None = None) -> None:
        """Raises `PermissionError` where somebody else made it, to be trusted with our prompts."""
        self.path = own_folder("on-ray", engine, root=root)
        self._root = root

    @property
    def minded(self) -> bool:
        """Whether a minder lives, and with it the engine."""
        descriptor = self.lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def lock(self) -> int | None:
        """The lock, held for as long as this process lives; None where another one has it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path / "lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    @property
    def spec(self) -> EngineSpec | None:
        found = self._read("spec.json")
        return None if found is None else EngineSpec.of(found)

    @spec.setter
    def spec(self, spec: EngineSpec) -> None:
        self._write("spec.json", asdict(spec))

    @property
    def endpoint(self) -> Endpoint | None:
        found = self._read("endpoint.json")
        return None if found is None else Endpoint(**found)

    @endpoint.setter
    def endpoint(self, endpoint: Endpoint | None) -> None:
        if endpoint is None:
            (self.path / "endpoint.json").unlink(missing_ok=True)
        else:
            self._write("endpoint.json", asdict(endpoint))

    def renew_lease(self) -> None:
        (self.path / "lease").touch(0o600)

    def lease_age(self) -> float:
        """Seconds since somebody asked for the engine."""
        try:
            return time.time() - (self.path / "lease").stat().st_mtime
        except FileNotFoundError:
            return float("inf")

    @property
    def stopped(self) -> bool:
        """Whether the engine is told to end."""
        return (self.path / "stop").exists()

    def stop(self) -> None:
        (self.path / "stop").touch(0o600)

    def unstop(self) -> None:
        (self.path / "stop").unlink(missing_ok=True)

    def cards(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """The graphics cards that this engine is to use, of those that Ray gave to this and to the others
        on the machine.

        After its head was killed, Ray counts anew, and may give away a card that an engine uses which
        outlived it. There are as many cards as were given, so there is a free one for whoever has none; but
        Ray may not have said yet which. Raises `CardsTaken` until it has.
        """
        if not given:
            return ()
        with _alone(self.path.parent / "cards.lock"):
            known = self._others()
            taken = {card for folder, found in known if folder.minded for card in found.get("used", ())}
            free = [card for _, found in known for card in found.get("given", ())]
            before = (self._read("cards.json") or {}).get("used", ())
            choice = [card for card in dict.fromkeys([*before, *given, *free]) if card not in taken]
            used = tuple(choice[: len(given)])
            self._write("cards.json", {"given": given, "used": used if len(used) == len(given) else before})
        if len(used) < len(given):
            cards, engines = ", ".join(given), ", ".join(sorted(taken))
            raise CardsTaken(f"Ray gave the graphics cards {cards}; engines that outlived it use {engines}.")
        return used

    def _others(self) -> list[tuple["Folder", dict[str, Any]]]:
        """The other engines of this machine, and what is known of their cards."""
        names = [path.name for path in self.path.parent.iterdir() if path.is_dir() and path != self.path]
        folders = [Folder(name, self._root) for name in names]
        return [(folder, folder._read("cards.json") or {}) for folder in folders]

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return found

    def _write(self, name: str, value: object) -> None:
        """All of it or nothing."""
        fresh = self.path / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(value, stream)
        fresh.rename(self.path / name)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process of this machine at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def runs_here(engine: str) -> bool:
    """Whether this machine runs it."""
    return Folder(engine).minded
