"""The models that are served here, each with its replicas: who is well, who may be tried again."""

from lemma_inference.fleet.breaker import Breaker, RetryBudget
from lemma_inference.fleet.house import USUAL_ANSWER, Counted, House, Member, Served

__all__ = ["USUAL_ANSWER", "Breaker", "Counted", "House", "Member", "RetryBudget", "Served"]
