"""Units: the rows of a statement, the questions of a questionnaire, each read by itself.

`units` cuts a document, purely and always in the same way: a table that is read `each = "line"` or
`each = "question"` has one row for each unit, in order, whatever a model says of it.

What is asked of one unit is a small document of its own: `unit_source` numbers its lines from 1 and puts
the passages that were looked up for it after them, and `unit_task` asks for the columns as fields. The
`Reader` sends `messages_of(unit_task(...), unit_source(...))`, and so does whoever trains on it.
"""

from lemma.reading.units.cut import Unit, units
from lemma.reading.units.small import small_source, unit_source, unit_task

__all__ = ["Unit", "small_source", "unit_source", "unit_task", "units"]
