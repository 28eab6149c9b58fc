"""When a failed job is tried again: exponential waits with full jitter."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0


def wait(attempt: int) -> float:
    """Seconds to wait after try number `attempt` (from 0): anything from 0 up to the doubled bound.

    Full jitter spreads those who failed together over the whole interval, so that an engine that comes
    back is not knocked over by all of them at once (Brooker, "Exponential Backoff And Jitter", 2015).
    """
    return random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt, 16)))  # noqa: S311  (spreads load, guards nothing)


class FullJitter(BaseRetryStrategy):
    """Tries again until a job has had its `tries`; then it is dead, kept, and can be run again by hand.

    A job that was cut short because its worker stops is due at once, for another worker.
    """

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None ends the job."""
        now = datetime.now(UTC)
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=now)
        if job.attempts + 1 >= self.tries:
            return None
        return RetryDecision(retry_at=now + timedelta(seconds=wait(job.attempts)))
