"""The numbers that admission goes by, and what each of them protects.

Research shares the replicas with the product and must feel as if it were alone. Between two steps an engine
cannot be interrupted, and vLLM never takes a running request down for a waiting one, however urgent. So what
counts is how much of the product's work an arriving research request can meet: prompts that are being read.
`docs/guides/admission.md` says what each mode costs and whom.
"""

from dataclasses import dataclass
from typing import Literal

from lemma_inference.classes import RequestClass

Mode = Literal["share", "strict"]

# What vLLM is told, lower first. Far apart, since the engine itself steps by one (research report, 3.1).
ENGINE_PRIORITY: dict[RequestClass, int] = {"research": -100, "interactive": -10, "batch": 100}


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The part of a replica's seats and of its KV tokens that a class, with all later ones, may fill."""

    interactive: float = 0.85
    batch: float = 0.6

    def of(self, request_class: RequestClass) -> float:
        return {"research": 1.0, "interactive": self.interactive, "batch": self.batch}[request_class]


@dataclass(frozen=True, slots=True)
class Policy:
    """How one model's replicas are shared.

    mode: in `share` the product goes on beside research, with less; in `strict` it starts nothing on a
        replica while research is there, and what it has in prefill is taken back (a yank).
    prefill_idle, prefill_active: tokens of product prompts that may be in prefill on a replica while research
        is not, or is, there. One prompt may always be, however long. None is no limit.
    flights_active: product requests on a replica while research is there, in `share`.
    lend: whether batch may use a research home replica that has been quiet for `quiet` seconds, one prompt of
        at most `lend_prompt` tokens at a time.
    yanks: how often one request may be taken back. After that it keeps its place.
    reserved: research requests of one tenant, waiting or running, that go before everybody. What is beyond
        it stands in line with interactive, under the same bounds. None is no limit.
    waiting, waiting_account: product requests that may wait, of all and of one customer.
    patience: seconds that requests wait for a replica while there is none at all.
    """

    mode: Mode = "share"
    ceilings: Ceilings = Ceilings()
    prefill_idle: int | None = 4096
    prefill_active: int | None = 2048
    flights_active: int = 16
    lend: bool = True
    quiet: float = 2.0
    lend_prompt: int = 8192
    yanks: int = 3
    reserved: int | None = None
    waiting: int = 512
    waiting_account: int = 512
    patience: float = 15.0

    @classmethod
    def alone(cls, waiting: int) -> "Policy":
        """For an engine that nobody shares: the order of classes, nothing held back, nothing taken back."""
        return cls(
            ceilings=Ceilings(1.0, 1.0),
            prefill_idle=None,
            prefill_active=None,
            yanks=0,
            waiting=waiting,
            waiting_account=waiting,
        )
