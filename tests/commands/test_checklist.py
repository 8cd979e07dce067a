"""`motcua checklist`: the shape of DESIGN, section 9."""

from __future__ import annotations

import pytest

from tests.commands.shell import Shell

CODE = "1.000656"


def test_the_shape_while_a_question_is_open(shell: Shell) -> None:
    (line,) = shell.run("checklist", CODE, "--json").lines
    assert {"code", "version", "next_question", "documents", "fees", "time"} <= set(line)
    assert line["code"] == CODE
    assert len(line["version"]) == 8
    question = line["next_question"]
    assert set(question) == {"id", "ask", "options"}
    assert all(isinstance(key, str) and isinstance(label, str) for key, label in question["options"].items())


def test_answers_lead_to_the_end_and_change_the_list(shell: Shell) -> None:
    given: list[str] = []
    for _ in range(8):
        (line,) = shell.run("checklist", CODE, "--json", *given).lines
        if line["next_question"] is None:
            break
        given += ["--set", f"{line['next_question']['id']}={next(iter(line['next_question']['options']))}"]
    assert line["next_question"] is None
    assert line["time"]["kind"] == "same_day"
    assert line["fees"]
    for document in line["documents"]:
        assert {"id", "name", "hand_in", "originals", "copies"} <= set(document)
        assert document["hand_in"] in ("submit", "show")
        assert "when" not in document
    assert line["answers"] == dict(pair.split("=") for pair in given[1::2])


def test_for_people_it_is_plain_text(shell: Shell) -> None:
    done = shell.run("checklist", "2.000815")
    assert "Giấy tờ cho trường hợp của anh/chị" in done.out
    assert "Nguồn: thủ tục 2.000815" in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["9.999999"], "no curated procedure has the code 9.999999"),
        (["khong-co"], "no curated procedure has the code khong-co"),
        ([CODE, "--set", "gone=yes"], f"{CODE} has no question gone with an option yes"),
        ([CODE, "--set", "proof=gone"], f"{CODE} has no question proof with an option gone"),
        ([CODE, "--set", "proof"], "--set wants QUESTION=OPTION, not 'proof'"),
    ],
)
def test_what_does_not_exist_is_one_line(shell: Shell, words: list[str], says: str) -> None:
    assert shell.refused("checklist", *words, "--json") == says
