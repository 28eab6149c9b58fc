"""The table of organisations."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, Key


class Organisation(Base):
    """A customer. Row-level security shows an organisation its own row alone."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),)

    id: Mapped[Key]
    name: Mapped[str]
    weight: Mapped[int] = mapped_column(default=1, server_default="1")
    """Its share of the workers while others wait as well: twice the weight, twice the runs."""
    created_at: Mapped[CreatedAt]
