"""The private PostgreSQL survives what kills other launchers of it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from db.cluster import SOCKET_NAME, binaries
from db.embedded import DatabaseFailed, alive, revive, running
from db.engine import connect
from tests.db.processes import (
    PROJECT,
    bystander,
    destroy,
    gone,
    kill,
    leave,
    other,
    other_user,
    postmasters,
    pretend,
    titled,
    until,
)

FAST = {"fsync": "off"}
STRANGER = 54321
"""A number that no account has."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can show what root does")


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
    yield tmp_path.resolve() / "pg"
    destroy(tmp_path.resolve())


@pytest.fixture
def crashed(data: Path) -> Path:
    """Data whose server and whose only user were killed."""
    user = other_user(data)
    destroy(data)
    kill(user)
    return data


def test_four_processes_that_start_at_once_share_one_server(data: Path) -> None:
    users = [other("use", data) for _ in range(4)]
    addresses = {each.stdout.readline() for each in users if each.stdout}
    assert len(addresses) == 1
    assert len(postmasters(data)) == 1
    for each in users:
        assert alive(data)
        leave(each)
    assert postmasters(data) == []


def test_those_who_leave_at_once_leave_nothing_running(data: Path) -> None:
    users = [other_user(data) for _ in range(4)]
    for each in users:
        assert each.stdin is not None
        each.stdin.close()
    for each in users:
        assert each.wait() == 0
        each.stdout.close()  # type: ignore[union-attr]
    assert postmasters(data) == []


def test_one_process_may_use_it_twice(data: Path) -> None:
    with running(data, settings=FAST) as outer:
        with running(data, settings=FAST) as inner:
            assert inner == outer
        assert ask(outer, "SELECT 1") == 1
    assert postmasters(data) == []


def test_leaving_does_not_wait_for_a_start_while_others_stay(data: Path) -> None:
    with running(data, settings=FAST), data.with_name("pg.lock").open() as door:
        user = other_user(data)
        fcntl.flock(door, fcntl.LOCK_EX)
        user.communicate(timeout=10)
    assert postmasters(data) == []


def test_a_killed_user_leaves_the_server_to_the_next_one(data: Path) -> None:
    kill(other_user(data))
    [server] = postmasters(data)
    with running(data, settings=FAST) as dsn:
        assert postmasters(data) == [server]
        assert ask(dsn, "SELECT 1") == 1
    assert postmasters(data) == []


def test_ctrl_c_does_not_take_the_server_from_the_others(data: Path) -> None:
    first = other_user(data, start_new_session=True, stderr=subprocess.DEVNULL)
    second = other_user(data)
    os.killpg(first.pid, signal.SIGINT)
    first.communicate()
    assert alive(data)
    leave(second)
    assert postmasters(data) == []


@pytest.mark.parametrize("moment", [0, 0.1, 0.25])
@pytest.mark.parametrize("everything", [True, False], ids=["with initdb", "without initdb"])
def test_a_kill_during_the_first_start_does_no_harm(
    data: Path, moment: float, everything: bool
) -> None:
    first = other("use", data)
    until(lambda: psutil.Process(first.pid).children())
    time.sleep(moment)
    groups = {os.getpgid(each.pid) for each in psutil.Process(first.pid).children()}
    kill(first)
    for each in groups if everything else ():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each, signal.SIGKILL)
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    assert not data.with_name("pg.new").exists()


def test_killing_everything_loses_no_acknowledged_commit(data: Path) -> None:
    writer = other("write", data)
    assert writer.stdout is not None
    heard = [next(writer.stdout) for _ in range(300)]
    destroy(data)
    acknowledged = int([*heard, *kill(writer).split()][-1])
    with running(data) as dsn:
        assert ask(dsn, "SELECT count(*) FROM kept") in (acknowledged, acknowledged + 1)
        assert ask(dsn, "SELECT count(*) = max(id) FROM kept")


def test_numbers_of_the_dead_that_others_have_by_now_are_ignored(crashed: Path) -> None:
    others = [bystander(crashed, "sleep", "60") for _ in range(2)]
    pretend(crashed / "postmaster.pid", others[0])
    pretend(crashed / f"{SOCKET_NAME}.lock", others[1])
    with running(crashed, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    for each in others:
        assert each.poll() is None
        each.kill()
        each.wait()


def test_leaving_a_dead_server_signals_nobody_else(data: Path) -> None:
    with running(data, settings=FAST):
        destroy(data)
        innocent = bystander(data, "sleep", "60")
        pretend(data / "postmaster.pid", innocent)
    innocent.terminate()
    assert innocent.wait() == -signal.SIGTERM


def test_a_zombie_is_not_taken_for_a_server(crashed: Path) -> None:
    zombie = bystander(crashed, "true")
    until(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
    pretend(crashed / "postmaster.pid", zombie)
    with running(crashed, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    zombie.wait()


def test_an_empty_pid_file_is_nobodys(crashed: Path) -> None:
    (crashed / "postmaster.pid").write_text("")
    with running(crashed, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_a_killed_server_is_revived_once_by_everybody_who_uses_it(data: Path) -> None:
    with running(data, settings=FAST) as dsn:
        destroy(data)
        assert not alive(data)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: revive(data, settings=FAST), range(4)))
        assert len(postmasters(data)) == 1
        assert ask(dsn, "SELECT 1") == 1
    assert postmasters(data) == []


def test_what_a_killed_server_left_running_is_waited_for(data: Path) -> None:
    busy = "SELECT count(*) FROM generate_series(1, 10000000)"
    with running(data, settings=FAST) as dsn, ThreadPoolExecutor(1) as threads:
        asked = threads.submit(ask, dsn, busy)
        [server] = postmasters(data)
        until(lambda: titled(server, "SELECT"))
        [left] = titled(server, "SELECT")
        server.kill()
        revive(data, settings=FAST)
        assert gone(left)
        asked.exception()
        assert ask(dsn, "SELECT 1") == 1


def test_it_stops_even_while_it_recovers_from_the_death_of_a_process(data: Path) -> None:
    with running(data, settings=FAST):
        [server] = postmasters(data)
        server.children()[0].kill()
    assert postmasters(data) == []


def test_a_recovery_is_waited_for(data: Path) -> None:
    lazy = {"checkpoint_timeout": "1h", "max_wal_size": "4GB", **FAST}
    rows = "SELECT g, repeat('x', 200) FROM generate_series(1, 400000) g"
    with running(data, settings=lazy) as dsn:
        ask(dsn, f"CREATE TABLE much AS {rows}")
        destroy(data)
        late = [other("use", data) for _ in range(2)]
        revive(data, settings=lazy)
        assert ask(dsn, "SELECT count(*) FROM much") == 400_000
        for each in late:
            leave(each)
    assert "redo done" in (data / "server.log").read_text()


def test_a_server_without_a_free_connection_is_alive(data: Path) -> None:
    small = {"max_connections": "3", "superuser_reserved_connections": "0", **FAST}

    async def crowd(dsn: str) -> bool:
        guests = [await connect(dsn, "tests") for _ in range(3)]
        answer = alive(data)
        for each in guests:
            await each.close()
        return answer

    with running(data, settings=small) as dsn:
        assert asyncio.run(crowd(dsn))


def test_looking_whether_it_is_alive_leaves_nothing_in_its_log(data: Path) -> None:
    with running(data, settings=FAST):
        assert all(alive(data) for _ in range(5))
    assert "client" not in (data / "server.log").read_text()


def test_a_path_that_is_too_long_gets_a_socket_nobody_else_reaches(data: Path) -> None:
    data = data.parent / ("long" * 20) / ("path" * 20) / "pg"
    with running(data, settings=FAST) as dsn:
        folder = Path(dsn.partition("host=")[2])
        assert len(str(folder)) < 90
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == data.stat().st_uid
        assert ask(dsn, "SELECT 1") == 1
        if os.geteuid() == 0:
            psql = [binaries() / "psql", "-h", folder, "-U", "postgres", "-c", "SELECT 1"]
            refused = subprocess.run(psql, user=STRANGER, cwd="/", capture_output=True, check=False)
            assert b"Permission denied" in refused.stderr
    assert not folder.exists()


def test_a_path_may_hold_anything(data: Path) -> None:
    data = data.parent / "a, b+c%20'é" / "pg"
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_an_empty_folder_becomes_the_database(data: Path) -> None:
    data.mkdir()
    with running(data, settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1


@as_root
def test_as_root_nobody_else_can_read_and_nobody_new_is_made(data: Path) -> None:
    known = pwd.getpwall()
    home = data.parent / "home"
    home.mkdir(mode=0o700)
    with running(home / "pg", settings=FAST) as dsn:
        assert ask(dsn, "SELECT 1") == 1
        assert home.stat().st_mode & 0o777 == 0o701
        assert (home / "pg").stat().st_mode & 0o777 == 0o700
        assert (home / "pg").stat().st_uid != 0
    assert pwd.getpwall() == known


@contextlib.contextmanager
def open_to_everybody(*paths: Path) -> Iterator[None]:
    """Let anybody pass to the paths for a while."""
    before = {each: each.stat().st_mode for path in paths for each in path.parents}
    for each, mode in before.items():
        each.chmod(mode | 0o001)
    try:
        yield
    finally:
        for each, mode in before.items():
            each.chmod(mode)


@as_root
def test_it_works_as_a_normal_user(data: Path) -> None:
    home = data.parent / "home"
    home.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    programs = (Path(sys.executable), Path(sys.executable).resolve(), PROJECT / "db")
    with open_to_everybody(home / "pg", *programs):
        process = other_user(home / "pg", user="nobody", group=nobody.pw_gid, extra_groups=[])
        [server] = postmasters(home)
        assert server.username() == "nobody"
        leave(process)
    assert postmasters(home) == []


@as_root
def test_data_of_root_is_refused_with_a_sentence(data: Path) -> None:
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    with pytest.raises(DatabaseFailed, match="belongs to root"), running(data):
        pass


def test_data_of_another_version_is_refused_with_a_sentence(crashed: Path) -> None:
    (crashed / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseFailed, match="made by PostgreSQL 16"), running(crashed):
        pass


def test_a_server_that_will_not_start_says_why_and_where_its_log_is(data: Path) -> None:
    with pytest.raises(DatabaseFailed) as caught, running(data, settings={"port": "none"}):
        pass
    assert 'invalid value for parameter "port"' in str(caught.value)
    assert str(data / "server.log") in str(caught.value)


def test_a_place_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseFailed, match="cannot be used"), running(tmp_path / "file" / "pg"):
        pass


def test_nothing_of_our_environment_reaches_the_server(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret-token")
    monkeypatch.setenv("PGDATA", "/nowhere")
    with running(data, settings=FAST):
        [server] = postmasters(data)
        assert not {"DISCORD_TOKEN", "PGDATA"} & set(server.environ())
