"""Fairness between customers: virtual token counters (Sheng et al., OSDI 2024, arXiv 2401.00588).

Each account has a counter of the service that it got, in tokens by cost and by its weight. Whoever waits with
the lowest counter is next. An account that comes back after a pause is lifted to the lowest counter among the
active ones, so that nobody saves up service by being away. Work-conserving, and the difference between two
accounts that both wait stays within twice the largest request.
"""

from collections.abc import Iterable

# What a token costs, beside one of the prompt: one from the prefix cache, and one of the answer.
CACHED_COST = 0.1
ANSWER_COST = 2.0

# Counters of accounts that are away are forgotten beyond so many; they would be lifted anyway.
MOST_REMEMBERED = 4096


class VirtualTokens:
    """Counters by account. An account is active from `enter` to `leave`, once for each of its requests."""

    def __init__(self) -> None:
        self._served: dict[str, float] = {}
        self._active: dict[str, int] = {}
        # The counter of whoever was served last: where an account starts that comes to an empty house.
        self._level = 0.0

    def __getitem__(self, account: str) -> float:
        return self._served.get(account, 0.0)

    def enter(self, account: str) -> None:
        """A request of this account begins to wait."""
        if account not in self._active:
            lowest = min((self._served[name] for name in self._active), default=self._level)
            self._served[account] = max(self._served.get(account, 0.0), lowest)
            self._active[account] = 0
        self._active[account] += 1

    def leave(self, account: str) -> None:
        """One of its requests is done, or gave up."""
        self._active[account] -= 1
        if not self._active[account]:
            del self._active[account]
            if len(self._served) > MOST_REMEMBERED:
                self._forget()

    def chosen(self, account: str) -> None:
        """This account is served now."""
        self._level = max(self._level, self._served[account])

    def charge(self, account: str, cost: float, weight: float) -> None:
        """Service given, or with a negative cost taken back."""
        self._served[account] = self._served.get(account, 0.0) + cost / weight

    def lowest(self, accounts: Iterable[str]) -> float:
        return min(self._served.get(account, 0.0) for account in accounts)

    def _forget(self) -> None:
        """Of those that are away, the ones with the lowest counters: coming back, they would be lifted."""
        away = sorted(
            (name for name in self._served if name not in self._active), key=self._served.__getitem__
        )
        for name in away[: len(away) // 2]:
            del self._served[name]
