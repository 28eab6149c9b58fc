"""What must hold at the end, whatever happened: every run done, and everything about it there once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from lemma.db.edge import Database

_COUNTS = """
SELECT run.id, run.state,
       (SELECT count(*) FROM result WHERE result.run_id = run.id) AS results,
       (SELECT count(*) FROM cell WHERE cell.run_id = run.id) AS cells,
       (SELECT count(*) FROM usage WHERE usage.run_id = run.id) AS usages,
       (SELECT count(*) FROM run_event AS event WHERE event.run_id = run.id
           AND event.data ->> 'state' = 'done') AS endings,
       (SELECT count(*) FROM run_event AS event WHERE event.run_id = run.id
           AND event.data ->> 'state' = 'running') AS beginnings
  FROM run
"""

CELLS = 2  # Of one run of the test's task.


@dataclass(frozen=True)
class Finding:
    """`lost`: acknowledged, and not done with all that belongs to it. `duplicated`: stored, counted or
    ended more than once. `repeated`: begun more than once, which costs time and nothing else."""

    runs: int
    lost: int
    duplicated: int
    repeated: int


async def count_runs(database: Database, organisations: Sequence[UUID], *states: str) -> int:
    """How many runs are in one of these states."""
    total = 0
    for organisation_id in organisations:
        async with database.transaction(organisation_id, read_only=True) as session:
            total += await session.scalar(
                text("SELECT count(*) FROM run WHERE state = ANY (:states)"), {"states": list(states)}
            )
    return total


async def check(database: Database, acknowledged: dict[UUID, set[UUID]]) -> Finding:
    """Looks at every run of every organisation."""
    runs = lost = duplicated = repeated = 0
    for organisation_id, ids in acknowledged.items():
        async with database.transaction(organisation_id, read_only=True) as session:
            rows = {row.id: row for row in await session.execute(text(_COUNTS))}
        runs += len(rows)
        for run_id in ids | rows.keys():
            row = rows.get(run_id)
            if row is None or row.state != "done" or row.cells < CELLS or not (row.results and row.usages):
                lost += 1
            elif max(row.results, row.usages, row.endings) > 1 or row.cells > CELLS:
                duplicated += 1
            repeated += row is not None and row.beginnings > 1
    return Finding(runs, lost, duplicated, repeated)
