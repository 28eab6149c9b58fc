"""What can be done with a run that exists: read, list, cancel, try again, delete."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.documents.files import DocumentFiles
from lemma.features.documents.repository import DocumentRepository
from lemma.features.material.content import passage_from
from lemma.features.material.repository import find_version, forget_version
from lemma.features.material.schemas import MaterialVersionView
from lemma.features.material.service import task_for
from lemma.features.runs.errors import RunNotCancellable, RunNotDone, RunNotFound, RunNotRetryable
from lemma.features.runs.jobs import cancel_run, retry_run
from lemma.features.runs.repository import RunOfDocument, RunRepository
from lemma.features.runs.schemas import FINAL, RunView, run_view
from lemma.http.context import Web
from lemma.reading.passages import with_passages
from lemma.reading.source import Source


async def find_run(
    session: AsyncSession, organisation_id: UUID, run_id: UUID, *, lock: bool = False
) -> RunOfDocument:
    """The run. Raises RunNotFound, also where it is another organisation's."""
    found = await RunRepository(session, organisation_id).get(run_id, lock=lock)
    if found is None:
        raise RunNotFound("There is no run with this id. List the runs to find it.")
    return found


async def stop_run(session: AsyncSession, organisation_id: UUID, run_id: UUID) -> RunOfDocument:
    """Cancel the run; a cancelled one stays as it is. Raises RunNotFound, RunNotCancellable."""
    found = await find_run(session, organisation_id, run_id, lock=True)
    if found.run.state in ("done", "failed"):
        raise RunNotCancellable(f"Only a run that is open can be cancelled; this one is {found.run.state}.")
    if found.run.state != "cancelled":
        await cancel_run(session, found.run)
        await session.refresh(found.run)
    return found


async def begin_again(session: AsyncSession, organisation_id: UUID, run_id: UUID) -> RunOfDocument:
    """Begin a failed or cancelled run anew. Raises RunNotFound, RunNotRetryable."""
    found = await find_run(session, organisation_id, run_id, lock=True)
    if found.run.state not in ("failed", "cancelled"):
        raise RunNotRetryable(
            f"Only a run that failed or was cancelled can be tried again; this one is {found.run.state}."
        )
    await retry_run(session, found.run)
    await session.refresh(found.run)
    return found


@dataclass(frozen=True, slots=True)
class RunService:
    """The runs of one organisation, with their files.

    Every method opens its own transactions, since files are read and forgotten between them.
    """

    parts: Web
    organisation_id: UUID

    async def view(self, run_id: UUID, *, with_source: bool) -> RunView:
        """The run with all that it gave. Raises RunNotFound."""
        async with self.parts.database.transaction(self.organisation_id, read_only=True) as session:
            found = await find_run(session, self.organisation_id, run_id)
            runs = RunRepository(session, self.organisation_id)
            cells, result = await runs.cells(run_id), await runs.result(run_id)
            counts = await runs.counts([run_id])
            task = await task_for(session, self.organisation_id, found.run.task)
        files = self.files(found)
        ready = await files.has_source()
        shown = [passage_from(each) for each in (result.passages if result else None) or ()]
        pages = Source("", tuple(await files.pages() if ready else ()), ())
        return run_view(
            found,
            task,
            counts=counts.get(run_id),
            cells=cells,
            rules=result.rules if result else [],
            notes=result.notes if result else [],
            pages=with_passages(pages, shown).pages,
            source=with_passages(await files.source(), shown) if ready and with_source else None,
        )

    async def material(self, run_id: UUID) -> MaterialVersionView:
        """The material that the run was read with. Raises RunNotFound, RunNotDone."""
        async with self.parts.database.transaction(self.organisation_id, read_only=True) as session:
            found = await find_run(session, self.organisation_id, run_id)
            version = found.run.material and await find_version(
                session, self.organisation_id, found.run.material
            )
        if not version:
            raise RunNotDone("Only a run that is done was read with material. Ask again when it is done.")
        return MaterialVersionView.of(version.version, version.content)

    async def run(self, run_id: UUID) -> RunOfDocument:
        """The run and its document. Raises RunNotFound."""
        async with self.parts.database.transaction(self.organisation_id, read_only=True) as session:
            return await find_run(session, self.organisation_id, run_id)

    def files(self, found: RunOfDocument) -> DocumentFiles:
        """The files of the run's document."""
        return DocumentFiles(self.parts.storage, self.organisation_id, found.document.id)

    async def delete(self, run_id: UUID) -> None:
        """Forget the run and all that was read; with its last run a document goes too. Raises RunNotFound.

        A worker that is at it meanwhile finds nothing to write to, and stops.
        """
        async with self.parts.database.transaction(self.organisation_id) as session:
            found = await find_run(session, self.organisation_id, run_id, lock=True)
            runs = RunRepository(session, self.organisation_id)
            if found.run.state not in FINAL:
                await cancel_run(session, found.run)
            await runs.delete(run_id)
            if found.run.material is not None and not await runs.reads_with(found.run.material):
                await forget_version(session, self.organisation_id, found.run.material)
            last = await runs.count_of_document(found.document.id) == 0
            if last:
                await DocumentRepository(session, self.organisation_id).delete(found.document.id)
        if last:
            await self.files(found).erase()
