"""`motcua say --json`: whole dialogs through a pipe."""

from __future__ import annotations

import json

import pytest

from tests.commands.shell import Shell


def lines(*said: dict[str, str]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in said)


def test_persons_are_separate_and_a_dialog_survives_a_new_process(shell: Shell) -> None:
    first = shell.run("say", "--json", given=lines(
        {"person": "lan", "text": "đăng ký khai tử cho bố"}, {"person": "mai", "text": "danh sách"}, {"person": "lan", "text": "1"},
    ))  # fmt: skip
    assert (first.code, [line["person"] for line in first.lines]) == (0, ["lan", "mai", "lan"])
    assert "Câu 1." in first.lines[0]["text"]
    assert "chưa lập danh sách nào" in first.lines[1]["text"]
    assert "Câu 2." in first.lines[2]["text"]
    for line in first.lines:
        assert set(line) == {"person", "text", "choices"}
        assert all(set(choice) == {"label", "payload"} and choice["payload"] for choice in line["choices"])
    payload = first.lines[2]["choices"][0]["payload"]
    second = shell.run("say", "--json", given=lines({"person": "lan", "payload": payload}, {"person": "mai", "payload": payload}))
    assert "Giấy tờ cho trường hợp của anh/chị" in second.lines[0]["text"]
    assert "Danh sách này không còn nữa" in second.lines[1]["text"], "a button of lan's opens nothing for mai"


def test_standard_output_holds_nothing_but_the_protocol(shell: Shell) -> None:
    odd = ["", "   ", "\0", "\u202e", "👍", "'; DROP TABLE person; --", "x" * 4000, "mã otp 482913"]
    done = shell.run("say", "--json", given=lines(*({"person": "lan", "text": text} for text in odd)) + "\n\n")
    assert done.code == 0
    assert len(done.lines) == len(odd)
    assert "482913" not in done.err


def test_half_characters_and_nul_are_taken_as_other_channels_would(shell: Shell) -> None:
    done = shell.run("say", "--json", given=b'{"person": "l\\u0000an", "text": "\\ud800 khai sinh"}\n{"person": "lan", "text": "\xff"}\n')
    assert done.code == 0
    assert [line["person"] for line in done.lines] == ["lan", "lan"]


@pytest.mark.parametrize("bad", ["khai sinh", "[]", '{"text": "x"}', "{", "null", "1"])
def test_a_malformed_line_is_named_and_what_came_before_is_answered(shell: Shell, bad: str) -> None:
    done = shell.run("say", "--json", given=lines({"person": "lan", "text": "alo"}) + bad + "\n")
    assert (done.code, len(done.lines)) == (1, 1)
    assert done.err == 'motcua: line 2: wants {"person": "…", "text": "…"}\n'
