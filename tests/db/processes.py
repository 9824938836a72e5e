"""Processes that use the private PostgreSQL, or are in its way, and what kills them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

PROJECT = Path(__file__).parents[2]


def other(what: str, data: Path, **how: object) -> subprocess.Popen[str]:
    """Another process, which begins to use the server now."""
    arguments = [sys.executable, "-m", "tests.db.other_process", what, str(data), "fsync=off"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(arguments, cwd=PROJECT, **pipes, **how)  # type: ignore[call-overload]


def other_user(data: Path, **how: object) -> subprocess.Popen[str]:
    """Another process that uses the server already."""
    process = other("use", data, **how)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql+asyncpg://")
    return process


def leave(process: subprocess.Popen[str]) -> None:
    """Have it stop using the server, as it should."""
    process.communicate()
    assert process.returncode == 0


def kill(process: subprocess.Popen[str]) -> str:
    """Kill it; what it had said by then."""
    process.kill()
    said, _ = process.communicate()
    return said


def postmasters(within: Path) -> list[psutil.Process]:
    """The servers whose data is `within`, or below it."""
    found = {}
    for each in psutil.process_iter(["cmdline", "ppid"]):
        command = each.info["cmdline"] or []
        if command[1:2] == ["-D"] and Path(command[2]).is_relative_to(within):
            found[each.pid] = each
    # A process that one of them has only just made still looks like its parent.
    return [each for each in found.values() if each.info["ppid"] not in found]


def titled(server: psutil.Process, word: str) -> list[psutil.Process]:
    """The server's processes that say they are doing this."""
    found = []
    for each in server.children():
        with contextlib.suppress(psutil.Error):
            if word in " ".join(each.cmdline()):
                found.append(each)
    return found


def gone(process: psutil.Process) -> bool:
    """Whether it has ended; who buries it, and when, is for others to say."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def destroy(within: Path) -> None:
    """Kill whole servers, the postmaster first so that it cannot start anything again."""
    for each in postmasters(within):
        doomed = [each, *each.children(recursive=True)]
        for one in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        until(lambda doomed=doomed: all(gone(one) for one in doomed))


def bystander(data: Path, *command: str) -> subprocess.Popen[bytes]:
    """A process that has nothing to do with PostgreSQL, but runs as the same user."""
    owner = data.stat().st_uid
    return subprocess.Popen(command, user=owner if owner != os.geteuid() else None)


def pretend(file: Path, process: subprocess.Popen[bytes]) -> None:
    """Write the process's number where the server's was."""
    _, rest = file.read_text().split("\n", 1)
    file.write_text(f"{process.pid}\n{rest}")


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never happens"
        time.sleep(0.002)
