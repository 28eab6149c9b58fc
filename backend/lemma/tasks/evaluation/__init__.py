"""How well a reading did: its cells beside what was expected, counted with intervals."""

from lemma.tasks.evaluation.compare import Comparison, compare
from lemma.tasks.evaluation.report import Report, as_json, as_table, report

__all__ = ["Comparison", "Report", "as_json", "as_table", "compare", "report"]
