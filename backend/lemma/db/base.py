"""The base of all tables, with names for constraints, so that a migration can name what it drops."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lemma.core.ids import new_id

metadata_of_all = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Key = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    """Every table of ours."""

    metadata = metadata_of_all


class OfOrganisation:
    """A table whose rows belong to one organisation each.

    `organisation_id` leads the primary key and every foreign key and index. So a row can never refer to
    another organisation's row, whatever a query says, and every index begins with the column that
    row-level security filters by.
    """

    organisation_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-1)


def within_organisation(column: str, target: str) -> ForeignKeyConstraint:
    """The foreign key `(organisation_id, column) -> target(organisation_id, id)`.

    Rows go when their parent goes: erasing a document erases its runs and all that was read from it.
    """
    return ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{target}.organisation_id", f"{target}.id"],
        ondelete="CASCADE",
    )
