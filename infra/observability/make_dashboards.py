"""Writes `dashboards/*.json` for Grafana from the lists of `panels.py`. Run it after a change.

uv run python infra/observability/make_dashboards.py
"""

import json
import sys
from pathlib import Path
from typing import Any

from panels import BOARDS, Choice, Panel

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "${source}"}


def board(name: str) -> dict[str, Any]:
    """A dashboard as Grafana reads it."""
    title, choices, panels = BOARDS[name]
    return {
        "uid": f"lemma-{name}",
        "title": title,
        "tags": ["lemma", "inference"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [_source(), *map(_choice, choices)]},
        "annotations": {"list": []},
        "links": [],
        "panels": [_panel(number, panel, place) for number, (panel, place) in enumerate(_placed(panels), 1)],
    }


def _placed(panels: tuple[Panel, ...]) -> list[tuple[Panel, tuple[int, int]]]:
    """From left to right and from top to bottom, on a grid 24 wide."""
    placed, x, y = [], 0, 0
    for panel in panels:
        if x + panel.width > 24:
            x, y = 0, y + 8
        placed.append((panel, (x, y)))
        x += panel.width
    return placed


def _panel(number: int, panel: Panel, place: tuple[int, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.bound is not None:
        steps.append({"color": "red", "value": panel.bound})
    custom = (
        {} if panel.bound is None or panel.kind != "timeseries" else {"thresholdsStyle": {"mode": "line"}}
    )
    return {
        "id": number,
        "title": panel.title,
        "description": panel.text,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": {"x": place[0], "y": place[1], "w": panel.width, "h": 8},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": custom,
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for index, (expr, legend) in enumerate(panel.queries)
        ],
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _choice(choice: Choice) -> dict[str, Any]:
    query = f"label_values({choice.metric}, {choice.name})"
    return {
        "name": choice.name,
        "label": choice.label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": choice.name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def text(name: str) -> str:
    return json.dumps(board(name), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for name in BOARDS:
        (folder / f"{name}.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
