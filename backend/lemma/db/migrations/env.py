"""Alembic's entry: runs migrations over the connection that `lemma.db.migrate` hands in, or prints SQL."""

from typing import Any

from alembic import context

config = context.config


def run() -> None:
    """One transaction for each migration, with the timeouts that its file begins with."""
    common: dict[str, Any] = {
        "target_metadata": config.attributes.get("metadata"),
        "transaction_per_migration": True,
        "compare_server_default": True,
        "include_object": lambda _object, name, kind, _reflected, _other: (
            not (kind == "table" and name is not None and name.startswith("procrastinate_"))
        ),
    }
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", literal_binds=True, **common)
        with context.begin_transaction():
            context.run_migrations()
        return
    context.configure(connection=config.attributes["connection"], **common)
    with context.begin_transaction():
        context.run_migrations()


run()
