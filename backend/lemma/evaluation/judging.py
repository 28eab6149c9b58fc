"""A prediction beside its record: the one place where cells meet labels."""

from collections import Counter

from lemma.evaluation.leaves import judge
from lemma.evaluation.predictions import Prediction
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.reference import tally
from lemma.evaluation.sets.base import Adapter, nested
from lemma.evaluation.summary import JudgedDocument


def judge_prediction(
    of: LabelledSet, adapter: Adapter, record: Record, prediction: Prediction
) -> JudgedDocument:
    """Everything that the labels say about what one reader gave for one record."""
    predicted = adapter.predicted(of, record, prediction.answer)
    judgement = judge(record.id, record.expected, predicted, adapter.habits(of))
    outside: Counter[str] = Counter()
    if adapter.habits(of).asked:
        outside = tally(record.expected, nested(predicted), record.meta)
    return JudgedDocument(
        record=record,
        judgement=judgement,
        citations=tuple(adapter.citations(of, record, prediction.answer)),
        outside=outside,
        seconds=prediction.seconds,
        failed=prediction.failed,
    )
