"""What an entry of the right shape is still refused for."""

from __future__ import annotations

from typing import Any

import pytest

from procedures import rules
from tests.procedures.small import document, entry, question

PROOF = question("proof", "paper", "none")
ENDING = {**PROOF, "options": {"paper": "x", "none": {"label": "y", "ends": "Thôi."}}}
NOTICE = document("notice", {"proof": "paper"})
FORM = document("form")


def found(**changes: Any) -> list[tuple[str, str]]:
    return [(".".join(str(step) for step in path), says) for path, says in rules.findings(entry(**changes))]


def test_an_entry_that_decides_something_is_accepted() -> None:
    assert found(questions=[PROOF], documents=[FORM, NOTICE]) == []


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"documents": []}, "documents", "a curated entry needs documents; use listed where the record has none"),
        ({"documents": [{"id": "form", "name": "x"}]}, "documents.0", "neither originals nor copies: a note, not a paper"),
        ({"documents": [FORM, FORM]}, "documents.0", "the id form is used twice"),
        ({"questions": [PROOF, PROOF], "documents": [FORM, NOTICE]}, "questions.0", "the id proof is used twice"),
        ({"fees": []}, "fees", "is missing; say `unstated` where the record is silent"),
        ({"time": []}, "time", "is missing; say `unstated` where the record is silent"),
        ({"submit": []}, "submit", "is missing"),
        ({"documents": [FORM, NOTICE]}, "documents.1.when", "names the question proof, which does not exist"),
        (
            {"questions": [PROOF], "documents": [FORM, NOTICE, document("other", {"proof": "lost"})]},
            "documents.2.when",
            "names the option lost of proof, which does not exist",
        ),
        (
            {"questions": [question("proof", "paper", "none", assume="lost")], "documents": [FORM, NOTICE]},
            "questions.0.assume",
            "names the option lost, which does not exist",
        ),
        (
            {"questions": [{**PROOF, "when": [{"late": "yes"}]}, question("late", "yes", "no")], "documents": [FORM, NOTICE]},
            "questions.0.when",
            "names the question late, which is not asked before this one",
        ),
        (
            {"questions": [{**PROOF, "when": [{"proof": "paper"}]}], "documents": [FORM, NOTICE]},
            "questions.0.when",
            "names the question proof, which is not asked before this one",
        ),
        ({"questions": [PROOF], "documents": [FORM]}, "questions.0", "proof decides nothing"),
        (
            {"questions": [question("proof", "paper", "none", "lost")], "documents": [FORM, NOTICE]},
            "questions.0.options",
            "none and lost lead to the same result",
        ),
        ({"questions": [PROOF], "documents": [NOTICE]}, "documents", "no paper to submit when proof=none"),
        ({"documents": [document("form", hand_in="show")]}, "documents", "no paper to submit when nothing is asked"),
        (
            {
                "questions": [PROOF, question("late", "yes", "no", when=[{"proof": "none"}])],
                "documents": [FORM, NOTICE, document("extra", {"proof": "paper", "late": "yes"}), document("fine", {"late": "no"})],
            },
            "documents.2",
            "no combination of answers asks for extra",
        ),
        (
            {"questions": [{**PROOF, "options": {"paper": "x", "none": {"label": "y", "ends": "Thôi.", "goes_to": "1.000002"}}}]},
            "questions.0.options.none",
            "both ends here and goes to another procedure",
        ),
        (
            {"questions": [ENDING], "documents": [document("x", {"proof": "none"}), FORM]},
            "documents.0",
            "no combination of answers asks for x",
        ),
        ({"questions": [{**PROOF, "options": [["paper", {"label": "x"}], ["paper", {"label": "y"}]]}]}, "questions.0", "an option stands twice"),
    ],
)  # fmt: skip
def test_an_entry_is_refused_with_the_field_and_the_reason(changes: dict[str, Any], field: str, says: str) -> None:
    assert (field, says) in found(**changes)


def test_too_many_combinations_are_counted_not_walked() -> None:
    many = [question(f"q{number}", *(f"o{key}" for key in range(6))) for number in range(6)]
    assert found(questions=many) == [("questions", "46656 combinations of answers, at most 20000")]


def test_an_answer_that_changes_only_a_note_a_fee_a_time_or_a_lookup_decides_something() -> None:
    for part in (
        {"notes": [{"text": "x", "when": [{"proof": "none"}]}]},
        {"fees": [{"amount": 0}, {"amount": 1, "when": [{"proof": "none"}]}]},
        {"time": [{"kind": "days", "when": [{"proof": "none"}]}, {"kind": "same_day"}]},
        {"looked_up": [{"name": "x", "when": [{"proof": "none"}]}]},
    ):
        assert found(questions=[PROOF], **part) == []


def test_an_answer_that_changes_only_a_time_which_is_never_shown_decides_nothing() -> None:
    hidden = [{"kind": "same_day"}, {"kind": "days", "when": [{"proof": "none"}]}]
    assert found(questions=[PROOF], time=hidden) == [("questions.0", "proof decides nothing")]


def test_an_answer_that_ends_or_goes_elsewhere_needs_no_paper() -> None:
    leaving = {**PROOF, "options": {"paper": "x", "none": {"label": "y", "ends": "Thôi."}, "lost": {"label": "z", "goes_to": "1.000002"}}}
    assert found(questions=[leaving], documents=[NOTICE]) == []


def test_answers_nobody_is_asked_for_do_not_count() -> None:
    """`late` is asked only without the paper, so papers behind it are not missing when there is one."""
    late = question("late", "yes", "no", when=[{"proof": "none"}])
    papers = [NOTICE, document("early", {"proof": "none", "late": "no"}), document("late_form", {"proof": "none", "late": "yes"})]
    assert found(questions=[PROOF, late], documents=papers) == []


def test_everything_wrong_with_the_shape_is_said_at_once() -> None:
    fields = [field for field, _ in found(documents=[{"id": "form", "name": "x", "when": [{"gone": "x"}]}], fees=[], time=[], submit=[])]
    assert sorted(fields) == ["documents.0", "documents.0.when", "fees", "submit", "time"]


def test_a_matter_done_elsewhere_says_where() -> None:
    shared = {"depth": "elsewhere", "handled_by": "elsewhere", "documents": []}
    assert found(**shared) == [("where", "says neither which office does it nor how to start")]
    assert found(**shared, where={"office": "công an tỉnh", "how": "nộp qua mạng"}) == []


def test_a_listed_entry_needs_no_papers() -> None:
    assert found(depth="listed", documents=[], fees=[], time=[], submit=[]) == []
