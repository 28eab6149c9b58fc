"""Cells, rules and lines as JSON: the one form that the database, the API and the command line share.

Decimals become strings, so that no reader rounds them; dates become ISO 8601.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from lemma.reading.cell import Cell, Evidence, RuleResult, Value
from lemma.reading.source import Box, Source


def value_json(value: Value) -> str | bool | None:
    """A typed value as JSON: `Decimal("1200.50")` becomes `"1200.50"`, a date becomes `"2026-03-31"`."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value


def box_json(box: Box) -> list[float]:
    """A box as `[x0, y0, x1, y1]`, fractions of the page to five places (a twentieth of a millimetre)."""
    return [round(edge, 5) for edge in (box.x0, box.y0, box.x1, box.y1)]


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "page": evidence.page,
        "line": evidence.line,
        "start": evidence.start,
        "end": evidence.end,
        "boxes": [box_json(box) for box in evidence.boxes],
    }


def cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "path": cell.path,
        "value": value_json(cell.value),
        "raw": cell.raw,
        "status": cell.status.value,
        "evidence": [evidence_json(evidence) for evidence in cell.evidence],
        "signals": cell.signals,
        "reason": cell.reason,
    }


def rule_json(rule: RuleResult) -> dict[str, Any]:
    """A rule's word. What only a playbook's rules have is left out of the others."""
    own = {"label": rule.label, "severity": rule.severity, "advice": rule.advice}
    return {
        "code": rule.code,
        "passed": rule.passed,
        "detail": rule.detail,
        "paths": list(rule.paths),
        **{key: value for key, value in own.items() if value is not None},
    }


def lines_json(source: Source) -> list[dict[str, Any]]:
    """The lines without their geometry: enough to check each `raw` against the words at its evidence."""
    return [{"id": line.id, "page": line.page, "text": line.text} for line in source.lines]
