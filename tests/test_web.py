"""The server around the pages: it starts, says where, and stops cleanly."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot import errors, web
from tests.channels.webchat.visitor import Page

SECONDS = 60


@pytest.fixture
def port() -> int:
    with web.listen("127.0.0.1", 0) as listening:
        number: int = listening.getsockname()[1]
        return number


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "motcua.db").write_bytes(sqlite_template.read_bytes())
    command = [sys.executable, "-m", "tests.serving", str(tmp_path), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _wait(port)
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait(port: int) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/suc-khoe").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_while_a_page_is_listening(served: subprocess.Popen[str], port: int, number: signal.Signals) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
        form = Page(client.get("/")).form("/gui")
        said = client.post("/gui", data={**dict(form.fields), "tin": "ba em mới mất"})
        assert said.status_code == 303
        listening = threading.Thread(target=lambda: client.get("/song"))
        listening.start()
        time.sleep(0.5)
        served.send_signal(number)
        output, _ = served.communicate(timeout=SECONDS)
        listening.join(SECONDS)
    assert served.returncode == 0
    assert output.splitlines()[-1] == "stopped"
    assert "Traceback" not in output


def test_what_was_said_is_still_there_after_a_kill(served: subprocess.Popen[str], port: int, tmp_path: Path) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, follow_redirects=True) as client:
        form = Page(client.get("/")).form("/gui")
        client.post("/gui", data={**dict(form.fields), "tin": "ba em mới mất"})
        served.kill()
        served.wait()
        again = subprocess.Popen([sys.executable, "-m", "tests.serving", str(tmp_path), str(port)])
        try:
            _wait(port)
            page = Page(client.get("/"))
        finally:
            again.kill()
            again.wait()
    assert "Câu 1" in page.text


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(errors.SettingsInvalid, match=f"MOTCUA_PORT {number}: cannot listen there"):
            web.listen("127.0.0.1", number)
