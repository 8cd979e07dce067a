"""`motcua ask`: the line protocol of DESIGN, section 9."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.commands.shell import SECONDS, Shell

SURE, CODE = "đăng ký kết hôn", "1.000894"


def test_a_query_a_line_gives_a_line_each_in_order(shell: Shell) -> None:
    queries = [SURE, "", "   ", "asdf qwer zxcv", "đổi bằng lái xe máy", '"ngoặc" \\ {x}', "x" * 5000]
    done = shell.run("ask", "--json", given="\n".join(queries) + "\n")
    assert (done.code, done.err) == (0, "")
    assert [line["query"] for line in done.lines] == queries
    for line in done.lines:
        assert set(line) == {"query", "decision", "hits"}
        assert line["decision"] in ("answer", "clarify", "refer", "unknown")
        assert len(line["hits"]) <= 5
        assert all(set(hit) == {"code", "score"} and 0 <= hit["score"] <= 1 for hit in line["hits"])
    assert done.lines[0]["hits"][0]["code"] == CODE
    assert [line["decision"] for line in done.lines[:5]] == ["answer", "unknown", "unknown", "unknown", "refer"]


def test_bytes_that_are_no_utf_8_are_a_bad_query_and_no_end(shell: Shell) -> None:
    done = shell.run("ask", "--json", given=b"\xff\xfe\x80\n" + SURE.encode() + b"\r\n\x00\nkhai t\xe1\xbb")
    assert done.code == 0
    assert [line["decision"] for line in done.lines][:2] == ["unknown", "answer"]
    assert len(done.lines) == 4
    assert done.lines[1]["query"] == SURE


def test_no_input_is_no_output(shell: Shell) -> None:
    done = shell.run("ask", "--json")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_words_on_the_command_line_are_one_query(shell: Shell) -> None:
    done = shell.run("ask", *SURE.split())
    assert done.out.startswith(f"answer: {SURE}\n")
    assert f"{CODE}  Đăng ký kết hôn" in done.out
    assert len(shell.run("ask", SURE, "--explain").out.splitlines()) > len(done.out.splitlines())


def test_a_reader_that_goes_away_ends_it_quietly(shell: Shell) -> None:
    command = [sys.executable, "-m", "bot", "ask", "--json"]
    asking = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=shell.folder, env=shell.environment()
    )  # fmt: skip
    assert asking.stdin is not None
    assert asking.stdout is not None
    assert asking.stderr is not None
    asking.stdin.write(SURE.encode() + b"\n")
    asking.stdin.flush()
    assert json.loads(asking.stdout.readline())["decision"] == "answer"
    asking.stdout.close()
    asking.stdin.write((SURE.encode() + b"\n") * 3)
    asking.stdin.close()
    assert asking.wait(SECONDS) == 1
    assert asking.stderr.read().decode().count("\n") <= 1
    asking.stderr.close()


def test_it_starts_without_the_channels_and_the_web(shell: Shell) -> None:
    code = (
        "import sys; sys.argv = ['motcua', 'ask', 'kết hôn']\n"
        "from bot.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('aiogram', 'telegram', 'fastapi', 'alembic', 'uvicorn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=SECONDS, cwd=shell.folder, env=shell.environment(), check=True
    )  # fmt: skip
    assert done.stdout.decode().splitlines()[-1] == "[]"
