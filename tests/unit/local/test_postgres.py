"""Our own PostgreSQL: it comes back after anything, and lets nobody else in."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lemma.local import postgres as launcher
from lemma.local.postgres import EmbeddedPostgres
from lemma.local.postgres_home import DatabaseCannotStart
from tests.fixtures.database import HASTY

ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One directory for the module, since making a cluster takes a second."""
    directory = Path(tempfile.mkdtemp(prefix="lemma-pg-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def embedded(data_dir: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(data_dir, settings=HASTY | {"fsync": "on", "synchronous_commit": "on"})


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.alive():
        pass


def test_it_keeps_what_was_committed_when_it_is_killed(data_dir: Path) -> None:
    with embedded(data_dir) as server:
        with server.admin("lemma") as connection:
            connection.execute("CREATE TABLE kept (n integer)")
            connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        kill(server)
        assert server.pid is None

        server.start()

        with server.admin("lemma") as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
            connection.execute("DROP TABLE kept")


def test_a_server_whose_owner_was_killed_is_replaced(data_dir: Path) -> None:
    """`kill -9` of whoever started it leaves the server running, with nobody to stop it."""
    script = (
        "import sys, time; from pathlib import Path; from lemma.local.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print(server.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    orphan = int(owner.stdout.readline())
    with pytest.raises(DatabaseCannotStart, match=rf"Another Lemma \(process {owner.pid}\)"):
        embedded(data_dir).start()
    owner.kill()
    owner.wait()
    owner.stdout.close()
    os.kill(orphan, 0)  # It lives.

    with embedded(data_dir) as server:
        assert server.pid != orphan
        with server.admin() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_number_in_a_stale_lock_file_means_nothing(data_dir: Path) -> None:
    """In containers the number of a dead server is soon another process's; here it is our own."""
    with embedded(data_dir) as server:
        kill(server)
        pid_file = server.home.cluster / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        lock = server.home.socket_dir / ".s.PGSQL.5432.lock"
        lock.write_text(f"{os.getpid()}\n")

        server.start()

        assert server.alive()


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    half = data_dir / "postgres" / "cluster.new"
    half.mkdir(parents=True, exist_ok=True)
    (half / "PG_VERSION").write_text("18\n")
    whole = data_dir / "postgres" / "cluster"
    shutil.rmtree(whole, ignore_errors=True)

    with embedded(data_dir):
        assert not half.exists()
        assert (whole / "PG_VERSION").exists()


def test_stopping_leaves_no_process_and_no_lock(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()
    pid, cluster = server.pid, server.home.cluster
    assert pid is not None

    server.stop()
    server.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not (cluster / "postmaster.pid").exists()
    with embedded(data_dir):
        pass


def test_data_of_another_version_is_refused_in_words(data_dir: Path) -> None:
    with embedded(data_dir) as server:
        version = server.home.cluster / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(DatabaseCannotStart, match="is of PostgreSQL 16, and this Lemma runs 18"):
            embedded(data_dir).start()
    finally:
        version.write_text("18\n")


def test_reasons_are_given_in_words(data_dir: Path) -> None:
    with embedded(data_dir) as server:
        home = server.home
    full = 'x FATAL:  could not write lock file "postmaster.pid": No space left on device\n'
    assert launcher.explain(full, home).endswith("is full. Make room and start again.")
    assert "PostgreSQL did not start: no luck." in launcher.explain("t FATAL: no luck", home)
    assert "--shm-size" in launcher.explain("could not create shared memory segment", home)


def test_what_was_committed_is_there_for_its_roles_only(data_dir: Path) -> None:
    with embedded(data_dir) as server:
        for role in ("lemma_owner", "lemma_app", "lemma_jobs"):
            with psycopg.connect(host=str(server.home.socket_dir), user=role, dbname="lemma") as connection:
                assert connection.execute("SELECT current_user").fetchone() == (role,)
        with server.admin() as connection:
            settings: dict[str, str] = dict(
                connection.execute("SELECT name, setting FROM pg_settings").fetchall()
            )
    assert settings["listen_addresses"] == ""
    assert settings["data_checksums"] == "on"
    assert settings["statement_timeout"] == "30000"
    assert settings["lock_timeout"] == "3000"
    assert settings["log_parameter_max_length"] == "0"


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_strangers_do_not_get_in(data_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    with embedded(data_dir) as server:
        assert stat.S_IMODE(server.home.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.home.cluster.stat().st_mode) == 0o700
        arguments = [
            server.home.binaries / "psql", "--host", server.home.socket_dir, "-U", launcher.SUPERUSER,
            "-d", "postgres", "-c", "SELECT 1",
        ]  # fmt: skip
        outside = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
        tried = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd="/", **outside)  # type: ignore[call-overload]
        assert tried.returncode != 0
        assert "Permission denied" in tried.stderr
        # And where the directory did not stand in the way, the server itself would.
        server.home.socket_dir.chmod(0o711)
        (server.home.socket_dir / ".s.PGSQL.5432").chmod(0o777)
        tried = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd="/", **outside)  # type: ignore[call-overload]
        assert "Peer authentication failed" in tried.stderr


@pytest.mark.skipif(not ROOT, reason="only root runs the server as another user")
def test_what_is_above_is_not_opened_up() -> None:
    closed = Path(tempfile.mkdtemp(prefix="lemma-closed-"))
    place: Path | None = None
    try:
        with embedded(closed / "deep" / "data") as server:
            place = server.home.place
            assert place.is_relative_to("/var/lib/lemma")
            assert server.note is not None
            assert str(place) in server.note
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        with embedded(closed / "deep" / "data") as server:
            assert server.home.place == place
    finally:
        shutil.rmtree(closed, ignore_errors=True)
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)


def test_a_long_path_gets_its_socket_elsewhere_and_closed() -> None:
    long = Path(tempfile.mkdtemp(prefix="lemma-long-"))
    long.chmod(0o711)
    socket_dir: Path | None = None
    try:
        with embedded(long / ("d" * 100)) as server:
            socket_dir = server.home.socket_dir
            assert len(str(socket_dir)) < 90
            assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
            assert socket_dir.stat().st_uid == server.home.uid
    finally:
        shutil.rmtree(long, ignore_errors=True)
        if socket_dir is not None:
            shutil.rmtree(socket_dir, ignore_errors=True)
