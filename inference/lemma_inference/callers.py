"""Who asks, and what that one may use. Filled from the key of a request; never from its body."""

import math
from dataclasses import dataclass

from lemma_inference.classes import RequestClass


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a key or a tenant; None is no limit. Tokens are prompt and answer together.

    Windows are of the clock (a minute of it, a day of UTC), so that a restart finds them again.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The asker of one request.

    `tenant` is whose key it is, `key` the key's public id. `customer` is the organisation on whose behalf a
    tenant that serves several asks, an opaque id; empty for a tenant that asks for itself. `weight` is its
    share among the product's customers (2.0 gets twice the tokens of 1.0 while both wait). `within` is the
    time in seconds in which the answer is wanted; it orders batch and promises nothing.
    """

    tenant: str
    key: str
    request_class: RequestClass
    customer: str = ""
    weight: float = 1.0
    within: float = math.inf
    key_budget: Budget = Budget()
    tenant_budget: Budget = Budget()

    @property
    def account(self) -> str:
        """What fairness and the prefix cache tell apart: a tenant, or one customer of it."""
        return f"{self.tenant}/{self.customer}" if self.customer else self.tenant
