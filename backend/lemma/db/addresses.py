"""Where the database is, for each of the three roles that the processes have."""

from dataclasses import dataclass
from typing import Literal, Self

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from lemma.core.errors import InvalidInput
from lemma.settings import Settings

Role = Literal["lemma_owner", "lemma_app", "lemma_jobs"]

SEARCH_PATH: dict[Role, str] = {
    "lemma_owner": "public",
    "lemma_app": "public,jobs",
    "lemma_jobs": "jobs,public",
}
"""Procrastinate names its tables without a schema; ours live in `public`, its own in `jobs`."""


class DatabaseAddressUnusable(InvalidInput):
    """DATABASE_URL cannot be used."""

    code = "database_address_unusable"
    title = "The address of the database cannot be used"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The three addresses. `owner` migrates, `app` reads and writes customers' rows under row-level
    security, `jobs` sees the queue and no content."""

    owner: URL
    app: URL
    jobs: URL

    @classmethod
    def of(cls, app: str, *, jobs: str | None = None, owner: str | None = None) -> Self:
        """From the addresses that an operator gave.

        Where one is not given, the app's is used with `SET ROLE` at connect: fewer secrets to hand out
        at the price that a process could take its own role off. Its user must then be a member of the
        three roles, which `prepare` sees to.
        Raises DatabaseAddressUnusable.
        """
        single = jobs is None and owner is None
        return cls(
            owner=_address(owner or app, "lemma_owner", switch=owner is None),
            app=_address(app, "lemma_app", switch=single),
            jobs=_address(jobs or app, "lemma_jobs", switch=jobs is None),
        )


def addresses_of(settings: Settings) -> Addresses:
    """The three addresses that an operator's settings give. Raises DatabaseAddressUnusable."""
    app, jobs, owner = settings.database_url, settings.database_jobs_url, settings.database_owner_url
    if app is None:
        raise DatabaseAddressUnusable("Set DATABASE_URL, or start everything with `uv run lemma up`.")
    return Addresses.of(
        app.get_secret_value(),
        jobs=jobs.get_secret_value() if jobs else None,
        owner=owner.get_secret_value() if owner else None,
    )


def _address(text: str, role: Role, *, switch: bool) -> URL:
    try:
        url = make_url(text)
    except Exception as error:
        raise DatabaseAddressUnusable(
            "DATABASE_URL is not an address. It looks like postgresql://user:password@host:5432/name."
        ) from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise DatabaseAddressUnusable(
            f"DATABASE_URL names {url.get_backend_name()}; Lemma needs PostgreSQL 15 or newer."
        )
    options = f"-c search_path={SEARCH_PATH[role]}"
    if switch:
        options += f" -c role={role}"
    given = url.query.get("options", "")
    given = " ".join(given) if isinstance(given, tuple) else given
    return url.set(drivername="postgresql+psycopg").update_query_dict(
        {"options": f"{given} {options}".strip()}
    )


def conninfo(url: URL) -> str:
    """The same address as libpq takes it, secrets included: never log it.

    Keywords instead of an address, because libpq does not read `+` as a space and SQLAlchemy writes it so.
    """
    query = {key: " ".join(value) if isinstance(value, tuple) else value for key, value in url.query.items()}
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **query,
    }
    return make_conninfo("", **{key: value for key, value in parts.items() if value is not None})
