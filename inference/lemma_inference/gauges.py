"""What metrics say of the present: read from the houses and the meter whenever somebody looks."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import Metric

from lemma_inference.admission import Books
from lemma_inference.classes import CLASSES
from lemma_inference.fleet import House, Member
from lemma_inference.metering import Metering
from lemma_inference.telemetry.metrics import counter, gauge

Reader = Callable[[Books, Member], float]

BREAKERS = {"closed": 0.0, "half-open": 1.0, "open": 2.0}
REPLICAS: tuple[tuple[str, str, Reader], ...] = (
    ("replica_ready", "Whether it takes requests.", lambda _, m: float(m.engine.health().ready)),
    ("replica_restarts", "How often it was started again.", lambda _, m: float(m.engine.health().restarts)),
    ("replica_breaker", "0 closed, 1 half-open, 2 open.", lambda _, m: BREAKERS[m.breaker.state]),
    ("replica_in_flight", "Requests that it works on.", lambda b, _: float(len(b.flights))),
    ("replica_product_prefill_tokens", "Product prompts being read.", lambda b, _: float(b.product_prefill)),
    ("replica_kv_reserved_tokens", "Cache set aside for them.", lambda b, _: float(b.kv_reserved)),
)


class Gauges:
    """Reads all of them."""

    def __init__(self, houses: Sequence[House], metering: Metering) -> None:
        self._houses = houses
        self._metering = metering

    def __call__(self) -> Iterable[Metric]:
        yield gauge("waiting", "Requests in line.", ("model", "class"), self._waiting())
        for name, text, read in REPLICAS:
            rows = [
                ((house.served.id, books.id), read(books, house.members[books.id]))
                for house in self._houses
                for books in house.admission.replicas
            ]
            yield gauge(name, text, ("model", "replica"), rows)
        limits = list(self._metering.budgets())
        used = [((limit.subject, limit.name()), float(taken)) for limit, taken, _ in limits]
        held = [((limit.subject, limit.name()), float(reserved)) for limit, _, reserved in limits]
        yield gauge("budget_used", "Used in the present window.", ("subject", "limit"), used)
        yield gauge("budget_reserved", "Held by requests under way.", ("subject", "limit"), held)
        wasted = [((name,), float(totals.wasted_tokens)) for name, totals in self._metering.totals.items()]
        yield counter("wasted_tokens", "Tokens of attempts that were thrown away.", ("class",), wasted)
        if journal := self._metering.journal:
            yield counter("journal_records", "Records written.", (), [((), float(journal.last))])
            yield gauge("journal_unsynced", "Records not on disk yet.", (), [((), float(journal.unsynced))])
            yield gauge("journal_sync_seconds", "Last sync.", (), [((), journal.sync_seconds)])

    def _waiting(self) -> Iterable[tuple[tuple[str, ...], float]]:
        for house in self._houses:
            for name in CLASSES:
                yield (house.served.id, name), float(house.admission.waiting(name))
