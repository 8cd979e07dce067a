"""`motcua bench start`: from nothing to the first answer, and to the service being ready, beside importing aiogram alone."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot import errors
from bot.bench import measure
from bot.bench.measure import Measured
from bot.settings import Settings
from procedures import loader

TIMES = 5
QUESTION = "đăng ký khai sinh cho con\n"
PATIENCE = 60.0
LOOK_SECONDS = 0.02
_PYTHON = sys.executable
# Well-formed, and nobody's: the address below refuses connections, so nothing leaves the machine.
_TELEGRAM = {"MOTCUA_TELEGRAM_TOKEN": "123456:" + "A" * 35, "MOTCUA_TELEGRAM_API": "http://127.0.0.1:9"}


def run(_settings: Settings, _data: Path = loader.DATA, *, times: int = TIMES) -> Measured:
    """Seconds, the median of `times` starts with the caches warm. The service is started with web chat and Telegram."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        address = {"MOTCUA_HOST": "127.0.0.1", "MOTCUA_PORT": str(port), "MOTCUA_DATA_DIR": folder, "MOTCUA_DATABASE_URL": ""}
        environment = {**os.environ, **_TELEGRAM, **address, "MOTCUA_CACHE_DIR": f"{folder}/cache"}
        ask, serve = [_PYTHON, "-m", "bot", "ask", "--json"], [_PYTHON, "-m", "bot", "run"]
        first_ask, first_serve = first_line(ask, environment), until_healthy(serve, port, environment)
        asked = [first_line(ask, environment) for _ in range(times)]
        served = [until_healthy(serve, port, environment) for _ in range(times)]
        imported = [until_done([_PYTHON, "-c", "import aiogram"], environment) for _ in range(times)]
    figures = {
        "ask_first_line_s": round(statistics.median(asked), 3),
        "ask_first_line_cold_s": round(first_ask, 3),
        "service_ready_s": round(statistics.median(served), 3),
        "service_ready_cold_s": round(first_serve, 3),
        "times": times,
        "load_average": measure.load_average(),
    }
    baseline = {"import_aiogram_s": round(statistics.median(imported), 3)}
    ratio = {name: round(float(figures[name]) / baseline["import_aiogram_s"], 2) for name in ("ask_first_line_s", "service_ready_s")}
    return Measured("start", figures, baseline, ratio)


def first_line(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds until the command has answered one line."""
    began = time.perf_counter()
    with _started(command, environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - began
        if not line:
            raise _failed(process)
    return took


def until_healthy(command: Sequence[str], port: int, environment: Mapping[str, str]) -> float:
    """Seconds until the service answers its health check with 200."""
    began = time.perf_counter()
    with _started(command, environment) as process:
        while not _healthy(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise _failed(process)
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - began


def until_done(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with _started(command, environment) as process:
        if process.wait() != 0:
            raise _failed(process)
    return time.perf_counter() - began


@contextlib.contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The running command with a question on its standard input; it is ended with the block."""
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as question:
        question.write(QUESTION.encode())
        question.seek(0)
        process = subprocess.Popen(command, env=environment, stdin=question, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")  # noqa: S603 (our own)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _failed(process: subprocess.Popen[str]) -> errors.MotCuaError:
    process.kill()
    assert process.stderr is not None
    said = process.stderr.read().strip().splitlines()
    return errors.MotCuaError(f"{' '.join(map(str, process.args))}: {said[-1] if said else 'no answer'}")  # type: ignore[arg-type]  # a list as given


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/suc-khoe", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])
