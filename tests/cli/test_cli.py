"""The command line, and the page of settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cli.configuration import page

ROOT = Path(__file__).parent.parent.parent


def atelier(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == page()


def test_the_doctor_says_what_to_do(server: str, tmp_path: Path) -> None:
    well = atelier("doctor", DATABASE_URL=server, DATA_DIR=str(tmp_path))
    assert well.returncode == 0
    assert "Set DISCORD_TOKEN" in well.stdout
    assert "brought up to date at the next start" in well.stdout
    ill = atelier(
        "doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x", DATA_DIR=str(tmp_path)
    )
    assert ill.returncode == 1
    assert "Check DATABASE_URL" in ill.stdout


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(tmp_path: Path) -> None:
    wrong = atelier("worker", PORT="eighty-secret", DATA_DIR=str(tmp_path))
    assert wrong.returncode == 2
    assert "PORT: " in wrong.stderr
    assert "eighty-secret" not in wrong.stderr


def test_everything_starts_and_stops_in_one_process(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": "8919"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "run"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if "ready: " in line:
            break
    assert "/login/link?token=" in seen
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "stopped" in rest
    assert "Traceback" not in rest
    log = (tmp_path / "postgres" / "server.log").read_text()
    assert "database system is shut down" in log


def test_an_unlocked_studio_refuses_the_network_with_a_sentence(
    server: str, tmp_path: Path
) -> None:
    refused = atelier("web", DATABASE_URL=server, DATA_DIR=str(tmp_path), HOST="0.0.0.0")
    assert refused.returncode == 1
    assert "no sign-in is configured" in refused.stderr
    assert "Traceback" not in refused.stderr
