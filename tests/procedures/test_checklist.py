"""From answers to the next question and the papers; the general rules are checked against a slow and simple reading."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from procedures import checklist, rules
from procedures.checklist import Checklist
from procedures.models import Procedure, When
from tests.procedures.small import document, entry, question

DEATH = entry(
    questions=[
        question("proof", "paper", "long_ago", "abroad"),
        question("late", "on_time", "over", when=[{"proof": "paper"}]),
        question("who", "self", "other", assume="self"),
        {
            "id": "where",
            "ask": "?",
            "when": [{"proof": "abroad"}],
            "options": {"here": "x", "there": {"label": "y", "ends": "Không làm ở đây."}, "port": {"label": "z", "goes_to": "1.000002"}},
        },
    ],
    documents=[
        document("form"),
        document("notice", {"proof": "paper"}),
        document("evidence", {"proof": ["long_ago", "abroad"]}),
        document("mandate", {"who": "other"}),
    ],
    fees=[{"amount": 0, "when": [{"late": "on_time"}]}, {"amount": "local", "when": [{"late": "over"}, {"proof": ["long_ago", "abroad"]}]}],
    time=[{"kind": "days", "amount": 3, "when": [{"proof": "abroad"}]}, {"kind": "same_day"}],
    notes=["Mang bút.", {"text": "Nộp thêm tiền.", "when": [{"late": "over"}]}],
)


def shown(result: Checklist) -> tuple[Any, ...]:
    return (
        [paper.id for paper in result.documents], [item.name for item in result.looked_up], [fee.amount for fee in result.fees],
        result.time and result.time.amount, [note.text for note in result.notes], result.ends, result.goes_to,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "asked", "papers"),
    [
        ({}, "proof", ["form"]),
        ({"proof": "paper"}, "late", ["form", "notice"]),
        ({"proof": "paper", "late": "over"}, None, ["form", "notice"]),
        ({"proof": "long_ago"}, None, ["form", "evidence"]),
        ({"proof": "abroad"}, "where", ["form", "evidence"]),
        ({"proof": "abroad", "where": "here"}, None, ["form", "evidence"]),
        ({"proof": "abroad", "where": "there"}, None, []),
        ({"who": "other"}, "proof", ["form", "mandate"]),
        ({"late": "over"}, "proof", ["form"]),
    ],
)
def test_the_next_question_and_the_papers_follow_from_the_answers(answers: dict[str, str], asked: str | None, papers: list[str]) -> None:
    result = checklist.build(DEATH, answers)
    assert (result.next_question.id if result.next_question else None) == asked
    assert [paper.id for paper in result.documents] == papers
    assert result.done == (asked is None)


@pytest.mark.parametrize(
    ("answers", "fees", "days", "notes"),
    [
        ({"proof": "paper", "late": "on_time"}, [0], None, ["Mang bút."]),
        ({"proof": "paper", "late": "over"}, ["local"], None, ["Mang bút.", "Nộp thêm tiền."]),
        ({"proof": "long_ago"}, ["local"], None, ["Mang bút."]),
        ({"proof": "abroad", "where": "here"}, ["local"], 3, ["Mang bút."]),
    ],
)
def test_fees_time_and_notes_follow_from_the_answers(answers: dict[str, str], fees: list[object], days: int | None, notes: list[str]) -> None:
    _, _, amounts, amount, texts, _, _ = shown(checklist.build(DEATH, answers))
    assert (amounts, amount, texts) == (fees, days, notes)


@pytest.mark.parametrize(("option", "ends", "goes_to"), [("there", "Không làm ở đây.", None), ("port", None, "1.000002")])
def test_an_answer_that_leads_away_ends_the_interview_with_no_list(option: str, ends: str | None, goes_to: str | None) -> None:
    result = checklist.build(DEATH, {"proof": "abroad", "where": option})
    assert shown(result) == ([], [], [], None, [], ends, goes_to)
    assert result.next_question is None


def test_what_is_taken_for_granted_is_shown_and_can_be_changed() -> None:
    assert checklist.build(DEATH, {"proof": "long_ago"}).assumed == {"who": "self"}
    changed = checklist.build(DEATH, {"proof": "long_ago", "who": "other"})
    assert changed.assumed == {}
    assert changed.answers == {"proof": "long_ago", "who": "other"}


def test_what_is_taken_for_granted_is_not_mentioned_where_it_decides_nothing() -> None:
    local = entry(
        questions=[question("proof", "paper", "none"), question("who", "self", "other", assume="self")],
        documents=[document("form"), document("mandate", {"proof": "paper", "who": "other"})],
    )
    assert checklist.build(local, {"proof": "paper"}).assumed == {"who": "self"}
    assert checklist.build(local, {"proof": "none"}).assumed == {}


@pytest.mark.parametrize("answers", [{"gone": "x"}, {"proof": "gone"}, {"proof": ""}, {"": "paper"}, {"late": "paper"}])
def test_answers_the_entry_does_not_know_are_ignored(answers: dict[str, str]) -> None:
    result = checklist.build(DEATH, answers)
    assert result.answers == {}
    assert shown(result) == shown(checklist.build(DEATH, {}))


def test_a_changed_answer_takes_back_what_followed_from_it() -> None:
    """`late` was asked because there was a paper; without the paper nobody is late."""
    result = checklist.build(DEATH, {"proof": "long_ago", "late": "over"})
    assert shown(result) == shown(checklist.build(DEATH, {"proof": "long_ago"}))
    assert result.answers == {"proof": "long_ago"}


def test_an_answer_changed_back_needs_no_second_asking() -> None:
    assert checklist.build(DEATH, {"proof": "paper", "late": "over", "where": "there"}).done


def test_a_paper_that_every_answer_asks_for_needs_no_asking() -> None:
    """With `one` answered no, whatever `two` is, the paper is needed; it may not get lost because nobody was asked."""
    either = entry(
        questions=[question("one", "yes", "no"), question("two", "yes", "no")],
        documents=[document("form"), document("early", {"one": "yes", "two": "yes"}), document("always", {"one": "no", "two": ["yes", "no"]})],
    )
    result = checklist.build(either, {"one": "no"})
    assert result.done
    assert [paper.id for paper in result.documents] == ["form", "always"]


def test_answers_fall_away_in_chains() -> None:
    chained = entry(
        questions=[
            question("one", "yes", "no"), question("two", "yes", "no", when=[{"one": "yes"}]), question("three", "yes", "no", when=[{"two": "yes"}]),
        ],
        documents=[document("form"), document("last", {"three": "yes"})],
    )  # fmt: skip
    assert [paper.id for paper in checklist.build(chained, {"one": "no", "two": "yes", "three": "yes"}).documents] == ["form"]
    assert [paper.id for paper in checklist.build(chained, {"one": "yes", "two": "yes", "three": "yes"}).documents] == ["form", "last"]


def test_a_question_that_only_decides_whether_another_one_ends_everything_is_asked() -> None:
    gated = entry(
        questions=[
            question("age", "child", "grown"),
            {"id": "guardian", "ask": "?", "when": [{"age": "child"}], "options": {"has": "x", "none": {"label": "y", "ends": "Hỏi quầy."}}},
        ]
    )
    first = checklist.build(gated, {}).next_question
    assert first is not None
    assert first.id == "age"
    assert checklist.build(gated, {"age": "child", "guardian": "none"}).ends == "Hỏi quầy."


def test_a_question_about_a_time_that_is_not_shown_is_not_asked() -> None:
    slow = entry(
        questions=[question("one", "yes", "no"), question("two", "yes", "no")],
        documents=[document("form"), document("extra", {"one": "yes"})],
        time=[
            {"kind": "days", "amount": 1, "when": [{"one": "yes"}]},
            {"kind": "days", "amount": 2, "when": [{"two": "yes"}]},
            {"kind": "days", "amount": 3},
        ],
    )
    assert checklist.build(slow, {"one": "yes"}).next_question is None
    assert checklist.build(slow, {"one": "no"}).next_question is not None


@pytest.mark.parametrize(
    ("when", "situation", "result"),
    [
        ((), {}, True),
        (((("a", ("x",)),),), {}, False),
        (((("a", ("x",)),),), {"a": "x"}, True),
        (((("a", ("x", "y")),),), {"a": "y"}, True),
        (((("a", ("x",)), ("b", ("y",))),), {"a": "x"}, False),
        (((("a", ("x",)), ("b", ("y",))),), {"a": "x", "b": "y"}, True),
        (((("a", ("x",)),), (("b", ("y",)),)), {"b": "y"}, True),
    ],
)
def test_any_line_is_enough_and_a_line_needs_all_of_it(when: When, situation: dict[str, str], result: bool) -> None:
    assert checklist.holds(when, situation) is result


# Generated entries: up to three questions of two or three options; parts that hang on answers; now and then a way out.

OPTIONS = ("x", "y", "z")


@st.composite
def lines(draw: st.DrawFn, sizes: list[int]) -> list[dict[str, list[str]]]:
    """A condition over questions q0, q1 … of these sizes; empty where there are none."""
    if not sizes:
        return []
    line = st.dictionaries(st.sampled_from(range(len(sizes))), st.integers(1, 5), min_size=1, max_size=2)
    chosen = draw(st.lists(line, max_size=2))
    return [
        {f"q{place}": [key for index, key in enumerate(OPTIONS[: sizes[place]]) if bits >> index & 1] or ["x"] for place, bits in one.items()}
        for one in chosen
    ]


@st.composite
def entries(draw: st.DrawFn) -> Procedure:
    sizes = draw(st.lists(st.integers(2, 3), max_size=3))
    questions: list[dict[str, Any]] = []
    for place, size in enumerate(sizes):
        made = question(f"q{place}", *OPTIONS[:size], when=draw(lines(sizes[:place])))
        if draw(st.integers(0, 3)) == 0:
            made["options"]["y"] = {"label": "y", "ends": f"Thôi {place}."}
        elif draw(st.integers(0, 3)) == 0:
            made["assume"] = draw(st.sampled_from(OPTIONS[:size]))
        questions.append(made)
    return entry(
        questions=questions,
        documents=[document("form"), *(document(f"d{number}", *draw(lines(sizes))) for number in range(draw(st.integers(0, 3))))],
        fees=[{"amount": 0}, {"amount": 1, "when": draw(lines(sizes))}],
        time=[*({"kind": "days", "amount": number, "when": draw(lines(sizes))} for number in (1, 2)), {"kind": "days", "amount": 3}],
        notes=[{"text": "Mang bút.", "when": draw(lines(sizes))}],
    )


def simple_list(procedure: Procedure, answers: Mapping[str, str]) -> tuple[Any, ...]:
    """What a citizen with these answers is shown, read off the entry as plainly as possible."""
    counted: dict[str, str] = {}
    for asked in procedure.questions:  # generated conditions look only back, so one pass is enough
        chosen = answers.get(asked.id, asked.assume)
        if chosen is not None and simple_holds(asked.when, counted):
            counted[asked.id] = chosen
    for asked in procedure.questions:
        option = dict(asked.options).get(counted.get(asked.id, ""))
        if option is not None and option.ends:
            return (option.ends,)
    whens = [part.when for parts in (procedure.documents, procedure.fees, procedure.notes) for part in parts]
    first = next(time.amount for time in procedure.time if simple_holds(time.when, counted))
    return ([simple_holds(when, counted) for when in whens], first)


def as_simple(result: Checklist) -> tuple[Any, ...]:
    if result.ends:
        return (result.ends,)
    procedure = result.procedure
    papers = [part in result.documents for part in procedure.documents]
    rest = [*(part in result.fees for part in procedure.fees), *(part in result.notes for part in procedure.notes)]
    return ([*papers, *rest], result.time.amount if result.time else None)


def simple_holds(when: When, counted: Mapping[str, str]) -> bool:
    fits = [all(counted.get(name) in options for name, options in line) for line in when]
    return any(fits) if fits else True


def endings(procedure: Procedure, answers: Mapping[str, str], leave: str = "") -> Iterator[dict[str, str]]:
    """Every way to answer what nobody answered yet, except `leave`."""
    unanswered = [asked for asked in procedure.questions if asked.id not in answers and asked.id != leave and asked.assume is None]
    for chosen in itertools.product(*([key for key, _ in asked.options] for asked in unanswered)):
        yield {**answers, **{asked.id: key for asked, key in zip(unanswered, chosen, strict=True)}}


def everywhere(procedure: Procedure) -> Iterator[Checklist]:
    """Every point of every interview."""
    stack: list[dict[str, str]] = [{}]
    while stack:
        state = checklist.build(procedure, stack.pop())
        yield state
        if state.next_question is not None:
            stack.extend({**state.answers, state.next_question.id: key} for key, _ in state.next_question.options)


@given(procedure=entries())
@settings(max_examples=60, deadline=None)
def test_every_question_that_is_asked_can_change_something(procedure: Procedure) -> None:
    assume(not rules.findings(procedure))
    for state in everywhere(procedure):
        asked = state.next_question
        if asked is not None:
            assert any(
                len({str(simple_list(procedure, {**rest, asked.id: key})) for key, _ in asked.options}) > 1
                for rest in endings(procedure, state.answers, leave=asked.id)
            ), f"{asked.id} after {state.answers} changes nothing"


@given(procedure=entries())
@settings(max_examples=60, deadline=None)
def test_at_the_end_nothing_that_was_not_asked_could_change_the_list(procedure: Procedure) -> None:
    for state in everywhere(procedure):
        if state.done:
            assert {str(simple_list(procedure, full)) for full in endings(procedure, state.answers)} == {str(as_simple(state))}


@given(procedure=entries(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_list_is_the_one_read_off_the_entry_whatever_was_answered(procedure: Procedure, data: st.DataObject) -> None:
    answers = {asked.id: data.draw(st.sampled_from([key for key, _ in asked.options])) for asked in procedure.questions}
    assert as_simple(checklist.build(procedure, answers)) == simple_list(procedure, answers)


@given(procedure=entries())
@settings(max_examples=60, deadline=None)
def test_every_interview_ends_after_asking_each_question_at_most_once(procedure: Procedure) -> None:
    for state in everywhere(procedure):
        assert state.next_question is None or state.next_question.id not in state.answers
        assert len(state.answers) <= len(procedure.questions)
    assert all(state.done for state in checklist.interviews(procedure))


@given(procedure=entries(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_answers_does_not_matter(procedure: Procedure, data: st.DataObject) -> None:
    answers = [(asked.id, data.draw(st.sampled_from([key for key, _ in asked.options]))) for asked in procedure.questions]
    shuffled = data.draw(st.permutations(answers))
    assert checklist.build(procedure, dict(answers)) == checklist.build(procedure, dict(shuffled))


@given(procedure=entries(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_citizen_who_changed_every_answer_gets_the_list_of_the_last_ones(procedure: Procedure, data: st.DataObject) -> None:
    before = {asked.id: data.draw(st.sampled_from([key for key, _ in asked.options])) for asked in procedure.questions if asked.assume is None}
    for state in checklist.interviews(procedure):
        assert shown(checklist.build(procedure, {**before, **state.answers})) == shown(state)
