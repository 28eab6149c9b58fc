"""What metrics say of the present: read from the houses and the meter whenever somebody looks."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

from prometheus_client.core import Metric

from lemma_inference.admission import Books
from lemma_inference.classes import CLASSES
from lemma_inference.errors import JournalFull
from lemma_inference.fleet import House, Member
from lemma_inference.metering import Metering
from lemma_inference.metering.budgets import Limit
from lemma_inference.telemetry.metrics import MOST_TENANTS, OTHER, WHO, counter, gauge

Reader = Callable[[Books, Member], float]
Who = tuple[str, str, str]

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
        yield from self._by_tenant()
        yield from self._budgets()
        yield from self._usage()
        yield from self._journal()
        build = ("version", "python")
        facts = (version("lemma-inference"), platform.python_version())
        yield gauge("build_info", "What runs here.", build, [(facts, 1.0)])

    def _by_tenant(self) -> Iterable[Metric]:
        flights: Counter[Who] = Counter()
        reading: Counter[Who] = Counter()
        for house in self._houses:
            for books in house.admission.replicas:
                for flight in books.flights:
                    caller = flight.ticket.caller
                    who = caller.tenant, caller.request_class, house.served.id
                    flights[who] += 1
                    reading[who] += flight.ticket.prompt if flight.in_prefill else 0
        yield gauge("in_flight", "Requests that engines work on.", WHO, _bounded(flights))
        yield gauge("prefill_tokens", "Prompt tokens that are being read.", WHO, _bounded(reading))

    def _budgets(self) -> Iterable[Metric]:
        limits = sorted(self._metering.budgets(), key=_fullness, reverse=True)[:MOST_TENANTS]
        labels = ("subject", "limit")
        names = [(limit.subject, limit.name()) for limit, _, _ in limits]
        used = [float(used) for _, used, _ in limits]
        held = [float(reserved) for _, _, reserved in limits]
        most = [float(limit.most) for limit, _, _ in limits]
        yield gauge("budget_used", "Used in the present window.", labels, zip(names, used, strict=True))
        yield gauge("budget_reserved", "Held by requests under way.", labels, zip(names, held, strict=True))
        yield gauge("budget_most", "What a window allows.", labels, zip(names, most, strict=True))

    def _usage(self) -> Iterable[Metric]:
        wasted = [((name,), float(totals.wasted_tokens)) for name, totals in self._metering.totals.items()]
        yield counter("wasted_tokens", "Tokens of attempts that were thrown away.", ("class",), wasted)
        worked = [
            ((model, replica, kind), float(count))
            for (model, replica), one in self._metering.seen().items()
            for kind, count in (("prompt", one.prompt), ("cached", one.cached), ("output", one.completion))
        ]
        labels = ("model", "replica", "kind")
        yield counter("replica_tokens", "What it did, as far as we saw.", labels, worked)

    def _journal(self) -> Iterable[Metric]:
        if not (keeper := self._metering.keeper):
            return
        journal = keeper.journal
        try:
            keeper.require_room(self._metering.in_flight)
            full = 0.0
        except JournalFull:
            full = 1.0
        yield counter("journal_records", "Records written.", (), [((), float(journal.last))])
        for name, text, value in (
            ("journal_unsynced", "Records not on disk yet.", float(journal.unsynced)),
            ("journal_sync_seconds", "How long the last sync took.", journal.sync_seconds),
            ("journal_full", "1 while requests are refused because nothing can be written.", full),
            ("journal_recovered", "Requests that a killed gateway left.", float(self._metering.recovered)),
        ):
            yield gauge(name, text, (), [((), value)])

    def _waiting(self) -> Iterable[tuple[tuple[str, ...], float]]:
        for house in self._houses:
            for name in CLASSES:
                yield (house.served.id, name), float(house.admission.waiting(name))


def _bounded(counts: Counter[Who]) -> list[tuple[Who, float]]:
    """The largest ones by themselves; of tenants beyond the bound, the sum."""
    rows = counts.most_common()
    rest: Counter[Who] = Counter()
    for (_, request_class, model), count in rows[MOST_TENANTS:]:
        rest[OTHER, request_class, model] += count
    return [(who, float(count)) for who, count in (*rows[:MOST_TENANTS], *rest.items())]


def _fullness(one: tuple[Limit, int, int]) -> float:
    limit, used, reserved = one
    return (used + reserved) / max(1, limit.most)
