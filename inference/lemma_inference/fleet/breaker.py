"""When a replica is left alone for a while, and how many requests may be sent a second time."""

import random
import time
from collections.abc import Callable
from typing import Literal

# So many failures in a row, and nothing is sent for a pause that doubles with each further one.
FAILURES = 3
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
# A replica is well while its failures, the newest counting this much, are fewer than this share.
NEWEST = 0.05
WELL = 0.1

BreakerState = Literal["closed", "open", "half-open"]


class Breaker:
    """A circuit breaker (Nygard, Release It!, 2007). Closed lets all through; open, none; after the pause one
    request at a time tries whether the replica is well again, and its success closes the breaker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._share = 0.0
        self._until = 0.0
        self._trying = False

    @property
    def state(self) -> BreakerState:
        if self._failures < FAILURES:
            return "closed"
        return "open" if self._clock() < self._until else "half-open"

    @property
    def well(self) -> bool:
        """Whether what is sent here is as good as certain to be answered."""
        return self._failures == 0 and self._share < WELL

    def allows(self) -> bool:
        """Whether a request may be sent now."""
        state = self.state
        return state == "closed" or (state == "half-open" and not self._trying)

    def sent(self) -> None:
        """A request is sent."""
        self._trying = self.state == "half-open"

    def succeeded(self) -> None:
        """The replica answered, be it with a refusal."""
        self._failures, self._trying = 0, False
        self._share -= NEWEST * self._share

    def failed(self) -> None:
        """The replica did not answer, or broke off.

        All that was under way on a replica fails at once when it dies. That is one event: what comes after
        the breaker has opened is not news and makes the pause no longer.
        """
        self._share += NEWEST * (1.0 - self._share)
        if self.state == "open":
            return
        self._failures += 1
        self._trying = False
        if self._failures >= FAILURES:
            pause = min(SHORTEST_PAUSE * 2.0 ** (self._failures - FAILURES), LONGEST_PAUSE)
            # Jitter, so that gateways do not come back all at once.
            self._until = self._clock() + pause * random.uniform(0.75, 1.25)  # noqa: S311 - not secret

    def abandoned(self) -> None:
        """The request was given up by its client before the replica showed anything."""
        self._trying = False


class RetryBudget:
    """Second tries are a tenth of the requests, so that a failing fleet does not get double the load. Those
    that go to a replica that is well cost nothing: it would have had the request anyway.

    `burst` covers what one lost replica had in flight at once.
    """

    def __init__(self, burst: int, ratio: float = 0.1) -> None:
        self._most = float(burst)
        self._left = float(burst)
        self._ratio = ratio

    def earn(self) -> None:
        """A request was answered."""
        self._left = min(self._most, self._left + self._ratio)

    def spend(self) -> bool:
        """Whether one more second try is allowed; counts it if so."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
