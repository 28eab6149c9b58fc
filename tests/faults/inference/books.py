"""What clients saw beside what was written down of them: nothing billed twice, nothing lost."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.inference.clients import Reply


@dataclass
class Finding:
    """What a scenario came to. `unseen` are failures that a client saw before the first byte; `twice` and
    `lost` are tokens; `over` tokens beyond a budget; `added` seconds at the 99th percentile. `broken` are
    promises that were not kept, in sentences; `late` those about time, which a busy machine can break by
    itself; `notes` is what else is worth a line."""

    requests: int = 0
    unseen: int = 0
    twice: int = 0
    lost: int = 0
    over: int = 0
    added: float | None = None
    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def expect(self, kept: object, sentence: str) -> None:
        """A promise; the sentence says what became of it if it was not kept."""
        if not kept:
            self.broken.append(sentence)

    def within(self, most: float) -> "Finding":
        """At most so many seconds may have been added by a fault."""
        if self.added is not None and self.added > most:
            self.late.append(f"Requests waited {self.added:.2f} s longer; promised are at most {most:g} s.")
        return self

    @property
    def right(self) -> bool:
        """All but the time."""
        return not (self.unseen or self.twice or self.lost or self.over or self.broken)

    @property
    def good(self) -> bool:
        return self.right and not self.late


def compare(replies: Sequence[Reply], records: Iterable[dict[str, Any]], finding: Finding) -> None:
    """Lays each client's reply beside its records."""
    by_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_customer[record["customer"]].append(record)
    for reply in replies:
        finding.requests += 1
        _compare(reply, by_customer.pop(reply.customer, []), finding)
    for customer, strange in by_customer.items():
        finding.twice += sum(_tokens(record) for record in strange)
        finding.broken.append(f"There is a record for {customer!r}, who did not ask.")


def unseen(replies: Iterable[Reply], finding: Finding) -> None:
    """Counts failures before the first byte, and says which."""
    failed = [reply for reply in replies if reply.failed_unseen and not reply.refused]
    finding.unseen += len(failed)
    if failed:
        codes = sorted({f"{reply.status} {reply.code}" for reply in failed})
        finding.notes.append(f"Failures before the first byte: {', '.join(codes)}.")


def _compare(reply: Reply, records: list[dict[str, Any]], finding: Finding) -> None:
    """A complete answer has one record with the very tokens that the client was told. One that broke off has
    one with what the client saw, to within a part."""
    for extra in records[1:]:
        finding.twice += max(1, _tokens(extra))
    if not records:
        if reply.complete and reply.usage:
            finding.lost += reply.usage[0] + reply.usage[2]
        elif reply.first is not None:
            finding.lost += max(1, reply.tokens - reply.part)
        return
    record = records[0]
    if reply.complete and reply.usage:
        difference = _tokens(record) - (reply.usage[0] + reply.usage[2])
        finding.twice += max(0, difference)
        finding.lost += max(0, -difference)
        finding.expect(
            record["finish"] in {"stop", "length", "recovered"},
            f"A complete answer is written down as {record['finish']!r}.",
        )
    else:
        finding.lost += max(0, reply.tokens - reply.part - record["completion"])
        finding.expect(
            record["finish"] != "refused" or not reply.tokens,
            "An answer of which a part was seen is written down as refused.",
        )


def _tokens(record: dict[str, Any]) -> int:
    return int(record["prompt"]) + int(record["completion"])
