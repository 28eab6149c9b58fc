"""Whether a document came before: the rule `not_seen_before`, with the earlier run that it speaks of.

Looked up in the transaction that ends the run, one run of an organisation after the other, so that of two
copies that are read at the same time the second is noticed as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.documents.models import Document
from lemma.features.runs.models import CellRow, Run, SeenDocument
from lemma.reading.cell import RuleResult
from lemma.reading.reader import Reading
from lemma.reading.schema import Task
from lemma.reading.serialise import rule_json
from lemma.tasks.known import (
    PATHS,
    Known,
    applies_to,
    find_known,
    number_key,
    same_file,
    seen_before,
    values_of,
)

MOST = 50  # Earlier documents with the same number that are looked at; two suppliers may share one.


async def duplicate_rules(
    session: AsyncSession, organisation_id: UUID, run_id: UUID, task: Task, reading: Reading
) -> list[dict[str, Any]]:
    """The rule's word as JSON, in a list that is empty for tasks it does not apply to; `run_id` in it
    names the earlier run. The document is known from now on."""
    if not applies_to(task):
        return []
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(cast(str(organisation_id), Text), 1)))
    )
    lookup = _Lookup(session, organisation_id, run_id, task.id)
    values = values_of(reading.cells)
    number = number_key(values)
    found = await lookup.same_file()
    if found is not None:
        said: tuple[RuleResult, str | None] = same_file(found.reference), found.id
    else:
        earlier = await lookup.same_number(number) if number else []
        known = find_known(values, earlier)
        said = seen_before(values, earlier), known.id if known else None
    if number:
        await session.execute(
            insert(SeenDocument)
            .values(
                organisation_id=organisation_id,
                run_id=run_id,
                task=task.id,
                number=number,
                created_at=func.clock_timestamp(),  # Of several that began together, who came here first.
            )
            .on_conflict_do_update(
                index_elements=[SeenDocument.organisation_id, SeenDocument.run_id], set_={"number": number}
            )
        )
    rule, earlier_run = said
    return [{**rule_json(rule), "run_id": earlier_run}]


class _Lookup:
    """Earlier finished runs of the same task over other documents."""

    def __init__(self, session: AsyncSession, organisation_id: UUID, run_id: UUID, task: str) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._run_id = run_id
        self._task = task

    async def same_file(self) -> Known | None:
        """The run of a document with the very same bytes."""
        mine = await self._document()
        same = Document.sha256 == mine.sha256
        query = self._earlier(mine.id).where(same).order_by(Run.finished_at, Run.id).limit(1)
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else _known(row, {})

    async def same_number(self, number: str) -> Sequence[Known]:
        """The runs of documents with this number, the first one first, with what they say."""
        mine = await self._document()
        same = (SeenDocument.organisation_id == Run.organisation_id) & (SeenDocument.run_id == Run.id)
        query = self._earlier(mine.id).join(SeenDocument, same).where(SeenDocument.number == number)
        query = query.order_by(SeenDocument.created_at).limit(MOST)
        rows = (await self._session.execute(query)).all()
        cells = await self._session.execute(
            select(CellRow.run_id, CellRow.path, CellRow.value).where(
                CellRow.organisation_id == self._organisation_id,
                CellRow.run_id.in_([row.id for row in rows]),
                CellRow.path.in_(PATHS),
                CellRow.value.is_not(None),
            )
        )
        values: dict[UUID, dict[str, Any]] = {}
        for run_id, path, value in cells:
            values.setdefault(run_id, {})[path] = value
        return [_known(row, values.get(row.id, {})) for row in rows]

    async def _document(self) -> Any:
        query = (
            select(Document.id, Document.sha256)
            .join(
                Run,
                (Run.organisation_id == Document.organisation_id) & (Run.document_id == Document.id),
            )
            .where(Run.organisation_id == self._organisation_id, Run.id == self._run_id)
        )
        return (await self._session.execute(query)).one()

    def _earlier(self, document_id: UUID) -> Select[UUID, str, datetime]:
        same = (Document.organisation_id == Run.organisation_id) & (Document.id == Run.document_id)
        return (
            select(Run.id, Document.name, Document.created_at)
            .join(Document, same)
            .where(
                Run.organisation_id == self._organisation_id,
                Run.task == self._task,
                Run.state == "done",
                Run.id != self._run_id,
                Run.document_id != document_id,
            )
        )


def _known(row: Any, values: Mapping[str, Any]) -> Known:
    return Known(f"{row.name} of {row.created_at:%Y-%m-%d}", values, str(row.id))
