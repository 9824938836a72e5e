"""The private PostgreSQL survives what kills other launchers of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from db import embedded
from db.embedded import DatabaseFailed, alive, revive, running
from db.engine import connect

FAST = {"fsync": "off"}
USER = """
import sys, time
from pathlib import Path
from db.embedded import running
with running(Path(sys.argv[1]), settings={"fsync": sys.argv[2]}) as dsn:
    print(dsn, flush=True)
    time.sleep(600)
"""
WRITER = """
import asyncio, sys
from pathlib import Path
from db.embedded import running
from db.engine import connect

async def write(dsn):
    connection = await connect(dsn, "writer")
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (id bigint)")
    number = 0
    while True:
        number += 1
        await connection.execute("INSERT INTO kept VALUES ($1)", number)
        print(number, flush=True)

with running(Path(sys.argv[1])) as dsn:
    print(0, flush=True)
    asyncio.run(write(dsn))
"""


def child(script: str, *arguments: object, **how: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        **how,  # type: ignore[call-overload]
    )


def user(data: Path) -> subprocess.Popen[str]:
    """Another process that uses the server, once it does."""
    process = child(USER, data, "off")
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def postmasters(data: Path) -> list[psutil.Process]:
    return [
        each
        for each in psutil.process_iter(["cmdline"])
        if "-D" in (each.info["cmdline"] or []) and str(data) in each.info["cmdline"]
    ]


def destroy(data: Path) -> None:
    """The whole server, at once, the postmaster first so that it cannot start anything again."""
    for each in postmasters(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            doomed = [each, *each.children(recursive=True)]
            for one in doomed:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(doomed, timeout=5)


def ask(dsn: str, question: str) -> object:
    async def answer() -> object:
        connection = await connect(dsn, "tests")
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path.resolve() / "pg"
    yield folder
    destroy(folder)


def test_four_processes_that_start_at_once_share_one_server(data: Path) -> None:
    users = [child(USER, data, "off") for _ in range(4)]
    addresses = {each.stdout.readline() for each in users if each.stdout}
    assert len(addresses) == 1
    assert len(postmasters(data)) == 1
    for each in users:
        kill(each)


def test_the_last_one_to_leave_stops_it(data: Path) -> None:
    with running(data, settings=FAST):
        other = user(data)
    assert alive(data)
    kill(other)
    with running(data, settings=FAST), running(data, settings=FAST):
        assert alive(data)
    assert not alive(data)


def test_a_killed_user_leaves_the_server_to_the_next_one(data: Path) -> None:
    kill(user(data))
    assert alive(data)
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    assert not alive(data)


@pytest.mark.parametrize("moment", [0.05, 0.15, 0.3, 0.45])
def test_a_kill_during_the_first_start_does_no_harm(data: Path, moment: float) -> None:
    first = child(USER, data, "off", start_new_session=True)
    time.sleep(moment)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_killing_everything_loses_no_acknowledged_commit(data: Path) -> None:
    writer = child(WRITER, data)
    assert writer.stdout is not None
    acknowledged = 0
    for line in writer.stdout:
        acknowledged = int(line)
        if acknowledged >= 200:
            break
    destroy(data)
    writer.kill()
    rest, _ = writer.communicate()
    acknowledged = max([acknowledged, *(int(each) for each in rest.split())])
    with running(data) as dsn:
        assert ask(dsn, "SELECT max(id) FROM kept") in (acknowledged, acknowledged + 1)


def test_a_stale_pid_that_belongs_to_somebody_else_is_ignored(data: Path) -> None:
    kill(user(data))
    destroy(data)
    bystander = subprocess.Popen(["sleep", "60"])
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_zombie_is_not_taken_for_a_server(data: Path) -> None:
    kill(user(data))
    destroy(data)
    zombie = subprocess.Popen(["true"])
    while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(zombie.pid), *lines[1:]]) + "\n")
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    zombie.wait()


def test_a_server_killed_under_its_users_is_revived(data: Path) -> None:
    with running(data, settings=FAST) as dsn:
        destroy(data)
        assert not alive(data)
        revive(data, settings=FAST)
        assert ask(dsn, "SELECT 1") == 1


def test_a_recovery_is_waited_for(data: Path) -> None:
    lazy = {"checkpoint_timeout": "1h", "max_wal_size": "4GB", **FAST}
    with running(data, settings=lazy) as dsn:
        ask(
            dsn, "CREATE TABLE much AS SELECT g, repeat('x', 200) FROM generate_series(1, 400000) g"
        )
        destroy(data)
        revive(data, settings=lazy)
        assert ask(dsn, "SELECT count(*) FROM much") == 400_000


def test_a_long_path_has_a_short_socket_that_is_nobody_elses(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 20) / ("path" * 20) / "pg"
    with running(data, settings=FAST) as dsn:
        folder = Path(dsn.partition("host=")[2])
        assert len(str(folder)) < 90
        assert folder.stat().st_mode & 0o777 == 0o700
        assert ask(dsn, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can show what root does")
def test_as_root_nobody_else_can_read_and_nobody_new_is_made(tmp_path: Path) -> None:
    known = {each.pw_name for each in pwd.getpwall()}
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with running(home / "pg", settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
        assert home.stat().st_mode & 0o777 == 0o711
        assert (home / "pg").stat().st_mode & 0o777 == 0o700
        assert (home / "pg").stat().st_uid != 0
    assert {each.pw_name for each in pwd.getpwall()} == known


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_works_as_a_normal_user(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    for parent in [*home.parents, *Path(sys.executable).parents, *Path(embedded.__file__).parents]:
        parent.chmod(parent.stat().st_mode | 0o011)
    process = child(USER, home / "pg", "off", user=nobody.pw_uid, group=nobody.pw_gid,
                    extra_groups=[], cwd=Path(embedded.__file__).parent.parent)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql+asyncpg://")
    kill(process)
    destroy(home / "pg")


def test_data_of_another_version_is_refused_with_a_sentence(data: Path) -> None:
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseFailed, match="made by PostgreSQL 16"), running(data):
        pass


def test_secrets_do_not_reach_the_server(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret-token")
    with running(data, settings=FAST):
        [server] = postmasters(data)
        assert "DISCORD_TOKEN" not in server.environ()
