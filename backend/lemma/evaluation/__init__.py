"""How well readings are: labelled sets, splits, comparison, figures with intervals, baselines and reports.

`compare` and `report` judge cells against a task's own expected values, as the samples have them. The rest
judges readings of foreign labelled sets in the sets' own terms: see README.md.
"""

from lemma.evaluation.compare import Comparison, compare
from lemma.evaluation.report import Report, as_json, as_table, report

__all__ = ["Comparison", "Report", "as_json", "as_table", "compare", "report"]
