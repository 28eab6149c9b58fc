"""Lines of statements with the category that their holder chose."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Answer, Case, Plain, document
from lemma.evaluation.sets.tickets import label_name, options_of
from lemma.reading.material import Labelled, Material


class Transactions(Plain):
    """One line each; the chart of accounts is made of the labels."""

    family = "transactions"
    task = "transactions"

    def fits(self, of: LabelledSet) -> bool:
        given = of.records[0].raw.get("input")
        return of.shares.get("category", 0) > 0.5 and isinstance(given, Mapping) and "merchant" in given

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset({"category"}))

    def case(self, of: LabelledSet, record: Record) -> Case:
        return Case(*document(record), _material(of), ("transactions",))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del record
        labels = {label_name(label): label for label in of.labels("category")}
        for row in answer.rows("transactions"):
            if "category" in row:
                cell = row["category"]
                return {"category": Given(labels.get(str(cell["value"]), cell["value"]), cell)}
        return {}

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        del of
        return ("category",)

    def subset(self, record: Record) -> str:
        return "merchants whose buyers agree" if reliable(record) else ""

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        del of
        return tuple(
            Labelled(
                record.text or "", {"transactions.category": label_name(str(record.expected["category"]))}
            )
            for record in records
        )


@lru_cache(maxsize=4)
def _material(of: LabelledSet) -> Material:
    return Material(lists={"chart_of_accounts": options_of(of.labels("category"))})


def reliable(record: Record) -> bool:
    """Whether a merchant's holders agree on its category: the part of the set that is scored as headline."""
    meta = record.meta
    return int(meta.get("merchant_n") or 0) >= 5 and float(meta.get("merchant_agreement") or 0) >= 0.75
