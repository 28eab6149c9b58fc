"""Material in the database. Every query names the organisation; row-level security stands behind it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.core.ids import new_id
from lemma.features.material.models import MaterialVersion, OwnMaterial, PassageFile


class MaterialRepository:
    """The material of one organisation for one task."""

    def __init__(self, session: AsyncSession, organisation_id: UUID, task: str) -> None:
        self._session = session
        self._key = {"organisation_id": organisation_id, "task": task}

    async def own(self, *, lock: bool = False) -> OwnMaterial | None:
        """What the organisation keeps, passages aside. With `lock`, nobody else changes it meanwhile."""
        query = select(OwnMaterial).filter_by(**self._key)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def make_own(self) -> OwnMaterial:
        """The same, made where there was none, and locked."""
        await self._session.execute(insert(OwnMaterial).values(**self._key).on_conflict_do_nothing())
        own = await self.own(lock=True)
        if own is None:
            raise RuntimeError("A row that was just made is not there.")
        return own

    def _files(self) -> Select[PassageFile]:
        return select(PassageFile).filter_by(**self._key)

    async def files(self) -> Sequence[PassageFile]:
        """The files of passages, by name."""
        return (await self._session.scalars(self._files().order_by(PassageFile.name))).all()

    async def file(self, file_id: UUID) -> PassageFile | None:
        return (await self._session.scalars(self._files().where(PassageFile.id == file_id))).one_or_none()

    async def put_file(
        self, *, name: str, size: int, sha256: str, characters: int, passages: list[Any]
    ) -> None:
        """Keeps a file, in the place of one of the same name."""
        values = {"size": size, "sha256": sha256, "characters": characters, "passages": passages}
        await self._session.execute(
            insert(PassageFile)
            .values(**self._key, id=new_id(), name=name, **values)
            .on_conflict_do_update(
                index_elements=["organisation_id", "task", "name"],
                set_={**values, "id": new_id(), "created_at": func.now()},
            )
        )

    async def delete_file(self, file_id: UUID) -> bool:
        """Forgets a file. False where there is none."""
        gone = await self._session.execute(
            delete(PassageFile).filter_by(**self._key, id=file_id).returning(PassageFile.id)
        )
        return gone.one_or_none() is not None

    async def mark(self) -> tuple[Any, ...]:
        """What changes whenever the material does: cheap to ask for before each run."""
        own = await self._session.scalar(select(OwnMaterial.updated_at).filter_by(**self._key))
        files = await self._session.scalars(
            select(PassageFile.id).filter_by(**self._key).order_by(PassageFile.id)
        )
        return (own, *files)


async def keep_version(
    session: AsyncSession, organisation_id: UUID, task: str, version: str, content: dict[str, Any]
) -> None:
    """Stores a version once; who stores it again sends nothing over the wire."""
    key = {"organisation_id": organisation_id, "version": version}
    known = await session.scalar(select(MaterialVersion.version).filter_by(**key))
    if known is None:
        await session.execute(
            insert(MaterialVersion).values(**key, task=task, content=content).on_conflict_do_nothing()
        )


async def find_version(session: AsyncSession, organisation_id: UUID, version: str) -> MaterialVersion | None:
    query = select(MaterialVersion).filter_by(organisation_id=organisation_id, version=version)
    return (await session.scalars(query)).one_or_none()


async def forget_version(session: AsyncSession, organisation_id: UUID, version: str) -> None:
    await session.execute(delete(MaterialVersion).filter_by(organisation_id=organisation_id, version=version))
