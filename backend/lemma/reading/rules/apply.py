"""Each kind of rule with its code. The parameters of the kinds are in `schema/rule_kinds.py`."""

from collections.abc import Callable, Mapping, Sequence
from decimal import localcontext

from lemma.reading.cell import Cell, RuleResult
from lemma.reading.rules.arithmetic import check_group_sum, check_percent, check_product, check_sum
from lemma.reading.rules.backing import check_backed, check_running_balance, check_supported
from lemma.reading.rules.row_count import check_row_count
from lemma.reading.rules.statements import (
    check_checksum,
    check_order,
    check_present,
    check_same,
    check_unique_rows,
)
from lemma.reading.rules.values import Unusable, Values, result
from lemma.reading.schema.model import Rule, Task
from lemma.reading.source import Line, Source

CHECKS: Mapping[str, Callable[[Rule, Values], RuleResult]] = {
    "sum": check_sum,
    "product": check_product,
    "percent": check_percent,
    "group_sum": check_group_sum,
    "order": check_order,
    "checksum": check_checksum,
    "same": check_same,
    "unique_rows": check_unique_rows,
    "row_count": check_row_count,
    "present": check_present,
    "backed": check_backed,
    "supported": check_supported,
    "running_balance": check_running_balance,
}

# No sum or product of a document comes near to this many digits, so nothing is ever rounded.
PRECISION = 400


def apply_rules(
    task: Task, source: Source, lines: Sequence[Line], cells: Sequence[Cell]
) -> tuple[RuleResult, ...]:
    """What each rule of the task says of these cells. `lines` are those that stand on pages.

    Fields that the task requires are checked by a rule of its own, `required`, where there are any.
    """
    values = Values(task, source, lines, cells)
    required = tuple(field.name for field in task.fields if field.required)
    rules = list(task.rules)
    if required:
        rules.insert(0, Rule("required", "present", "Required fields", {"fields": required}))
    with localcontext(prec=PRECISION):
        return tuple(_apply(rule, values) for rule in rules)


def _apply(rule: Rule, values: Values) -> RuleResult:
    try:
        return CHECKS[rule.kind](rule, values)
    except Unusable as reason:
        named = [p for p in rule.params.values() if isinstance(p, str)] + [
            name for p in rule.params.values() if isinstance(p, tuple) for name in p
        ]
        known = {path for path, _ in values.task.all_fields()}
        return result(rule, None, str(reason), [name for name in named if name in known])
