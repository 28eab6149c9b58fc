"""The worker: takes jobs, keeps its lease, helps those whose worker is gone, and stops in good order."""

import asyncio
import contextlib
import logging
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from procrastinate import exceptions
from procrastinate.job_context import JobContext
from procrastinate.worker import Worker

from lemma.core.errors import LemmaError, Unavailable
from lemma.jobs.job import Handler, Job, Started
from lemma.jobs.queue import Queue
from lemma.jobs.retry import FullJitter

log = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[None]]
"""Something to look after now and then, by every worker: it must not mind that others do the same."""


def now_and_then(chore: Chore, *, every: float) -> Chore:
    """The chore, done at the first opportunity and then at most once in `every` seconds."""
    done_at: float | None = None

    async def when_due() -> None:
        nonlocal done_at
        if done_at is None or time.monotonic() - done_at >= every:
            await chore()
            done_at = time.monotonic()

    return when_due


class WorkerBroke(Unavailable):
    """The worker lost the database or broke. It ends with an error, and its supervisor starts it again."""

    code = "worker_broke"
    title = "The worker stopped"


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works; times are in seconds.

    `lease`: how long a worker may be silent before its jobs go to others. `grace`: how long jobs may take
    to finish after a stop was asked for; then they are given back. `poll` is how long a job may wait if
    the database's notification got lost.
    """

    jobs: int = 2
    heartbeat: float = 3.0
    lease: float = 15.0
    grace: float = 25.0
    poll: float = 1.0
    keep_ended: float = 7 * 24 * 3600.0


class JobWorker:
    """Runs the handlers of `handlers`, and the `chores` beside them, until it is asked to stop."""

    def __init__(
        self,
        queue: Queue,
        handlers: Mapping[Job, Handler],
        *,
        options: WorkerOptions | None = None,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._queue = queue
        self._options = options or WorkerOptions()
        self._chores = (self._rescue, self._queue.rebase, self._clear, *chores)
        self._stop_asked = False
        self._ended = asyncio.Event()
        for job, handler in handlers.items():
            self._register(job, handler)
        self._worker = Worker(
            queue.app,
            queues=sorted({job.queue for job in handlers}),
            concurrency=self._options.jobs,
            fetch_job_polling_interval=self._options.poll,
            abort_job_polling_interval=60.0,
            shutdown_graceful_timeout=self._options.grace,
            install_signal_handlers=False,
            update_heartbeat_interval=self._options.heartbeat,
            stalled_worker_timeout=self._options.lease,
        )
        queue.connector.end_lost = self._worker.stop

    def stop(self) -> None:
        """Takes no more jobs, lets those that run finish or gives them back, then `run` returns."""
        self._stop_asked = True
        self._worker.stop()  # type: ignore[no-untyped-call]

    async def run(self, *, signals: bool = True) -> None:
        """Works until `stop`, SIGTERM or SIGINT. Raises WorkerBroke where it ends for another reason."""
        loop = asyncio.get_running_loop()
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        beside = [
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._look_after(), name="chores"),
        ]
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        except exceptions.ConnectorException as error:
            raise WorkerBroke("The worker lost the database.") from error
        finally:
            self._ended.set()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if signals:
                for number in (signal.SIGTERM, signal.SIGINT):
                    loop.remove_signal_handler(number)
        if not self._stop_asked:
            raise WorkerBroke("The worker stopped without being asked to; its log says why.")

    def _register(self, job: Job, handler: Handler) -> None:
        async def run(context: JobContext, /, **payload: Any) -> None:
            await self._queue.began(context.job.priority)
            rerun_at = payload.pop("rerun_at", None)
            payload.pop("lost", None)
            started = Started(
                id=int(context.job.id or 0),
                organisation_id=UUID(str(payload.pop("organisation_id"))),
                last=context.job.attempts + 1 >= job.tries,
                rerun_at=None if rerun_at is None else datetime.fromisoformat(str(rerun_at)),
            )
            await handler(started, payload)

        self._queue.app.task(name=job.name, queue=job.queue, retry=FullJitter(job.tries), pass_context=True)(
            run
        )

    async def _beat(self) -> None:
        """Keeps the lease also while the worker stops; procrastinate's own heartbeat ends with the
        asking, and jobs that are about to finish would be taken over."""
        while not await self._over(self._options.heartbeat):
            if self._worker.worker_id is not None:
                with contextlib.suppress(exceptions.ConnectorException):
                    await self._queue.app.job_manager.update_heartbeat(self._worker.worker_id)

    async def _look_after(self) -> None:
        """Does the chores about twice for each lease, out of step with other workers.

        A chore that fails is tried again next time: chores repair, and must not take the worker down.
        """
        while not await self._over(self._options.lease * random.uniform(0.3, 0.7)):  # noqa: S311  (spreads load, guards nothing)
            for chore in self._chores:
                try:
                    await chore()
                except LemmaError as error:
                    log.warning("A chore failed and will be tried again: %s", error.detail)
                except Exception:  # The edge of the process for this task.
                    log.exception("A chore failed and will be tried again.")

    async def _over(self, seconds: float) -> bool:
        """Waits; True once the worker has ended.

        Cancelling alone does not end what talks to the database: where the connection dies at the same
        moment, its error comes in the place of the cancellation, and whoever suppresses the one loses the
        other.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        return self._ended.is_set()

    async def _rescue(self) -> None:
        for job_id in await self._queue.rescue(self._options.lease):
            log.warning("Job %d lost its worker and is due again.", job_id)

    async def _clear(self) -> None:
        await self._queue.clear(self._options.keep_ended)
