"""From a citizen's answers to the next question or the papers: pure decisions over one entry."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from procedures.models import Deadline, Document, Fee, LookedUp, Note, Option, Procedure, Question, Time, When

Answers = Mapping[str, str]
MAX_COMBINATIONS = 20_000


@dataclass(frozen=True)
class Checklist:
    """What one situation needs. `ends`/`goes_to` are set when the answers lead away from this procedure."""

    procedure: Procedure
    answers: dict[str, str]
    assumed: dict[str, str]
    next_question: Question | None
    documents: tuple[Document, ...]
    looked_up: tuple[LookedUp, ...]
    fees: tuple[Fee, ...]
    time: Time | None
    notes: tuple[Note, ...]
    deadline: Deadline | None
    ends: str | None = None
    goes_to: str | None = None

    @property
    def done(self) -> bool:
        return self.next_question is None


def build(procedure: Procedure, answers: Answers) -> Checklist:
    """The checklist for what is known so far. Answers that name no question or option of the entry are ignored."""
    known = _valid(procedure, answers)
    situation = {**_assumptions(procedure), **known}
    left = _leaving(procedure, situation)
    question = None if left else _next_question(procedure, known)
    return Checklist(
        procedure=procedure,
        answers=known,
        assumed={key: value for key, value in _assumptions(procedure).items() if key not in known and _asked(procedure, key, known)},
        next_question=question,
        documents=() if left else tuple(d for d in procedure.documents if holds(d.when, situation)),
        looked_up=() if left else tuple(i for i in procedure.looked_up if holds(i.when, situation)),
        fees=() if left else tuple(f for f in procedure.fees if holds(f.when, situation)),
        time=None if left else next((t for t in procedure.time if holds(t.when, situation)), None),
        notes=() if left else tuple(n for n in procedure.notes if holds(n.when, situation)),
        deadline=procedure.deadline,
        ends=left.ends if left else None,
        goes_to=left.goes_to if left else None,
    )


Outcome = tuple[str | bool | None, ...]


def outcome(procedure: Procedure, situation: Answers) -> Outcome:
    """All that the answers decide, small enough to compare thousands: where they lead, and which conditional parts hold."""
    left = _leaving(procedure, situation)
    if left is not None:
        return left.ends, left.goes_to
    return tuple(holds(when, situation) for when in _conditions(procedure))


def leads_away(procedure: Procedure, situation: Answers) -> bool:
    return _leaving(procedure, situation) is not None


def holds(when: When, situation: Answers) -> bool:
    """No condition always holds; else any line of which every answer was given."""
    return not when or any(all(situation.get(question) in options for question, options in line) for line in when)


def combinations(procedure: Procedure) -> Iterator[dict[str, str]]:
    """Every way to answer all questions of the entry."""
    ids = [question.id for question in procedure.questions]
    for chosen in itertools.product(*([key for key, _ in question.options] for question in procedure.questions)):
        yield dict(zip(ids, chosen, strict=True))


def interviews(procedure: Procedure) -> Iterator[Checklist]:
    """Every interview a citizen can have: each path of asked questions to its end."""
    open_paths: list[dict[str, str]] = [{}]
    while open_paths:
        answers = open_paths.pop()
        state = build(procedure, answers)
        if state.next_question is None:
            yield state
        else:
            open_paths.extend({**answers, state.next_question.id: key} for key, _ in state.next_question.options)


def _valid(procedure: Procedure, answers: Answers) -> dict[str, str]:
    return {q.id: answers[q.id] for q in procedure.questions if q.id in answers and q.option(answers[q.id]) is not None}


def _assumptions(procedure: Procedure) -> dict[str, str]:
    return {question.id: question.assume for question in procedure.questions if question.assume is not None}


def _leaving(procedure: Procedure, situation: Answers) -> Option | None:
    for question in procedure.questions:
        option = question.option(situation.get(question.id, ""))
        if option is not None and (option.ends or option.goes_to) and holds(question.when, situation):
            return option
    return None


def _next_question(procedure: Procedure, known: dict[str, str]) -> Question | None:
    return next(
        (q for q in procedure.questions if q.id not in known and q.assume is None and _asked(procedure, q.id, known)),
        None,
    )


def _asked(procedure: Procedure, question_id: str, known: dict[str, str]) -> bool:
    """Whether the answer to this question can still change anything, given what is known and taken for granted."""
    question = procedure.question(question_id)
    assert question is not None
    fixed = {**_assumptions(procedure), **known}
    fixed.pop(question_id, None)
    if not holds(question.when, fixed):
        return False
    if any(option.ends or option.goes_to for _, option in question.options):
        return True
    return any(_sensitive(procedure, when, question, fixed) for when in _conditions(procedure))


def _conditions(procedure: Procedure) -> Iterator[When]:
    for items in (procedure.documents, procedure.looked_up, procedure.fees, procedure.time, procedure.notes):
        for item in items:
            if item.when:
                yield item.when


def _sensitive(procedure: Procedure, when: When, question: Question, fixed: Answers) -> bool:
    """Whether this condition can come out differently for two options, over all answers to what else is still open."""
    named = {name for line in when for name, _ in line}
    if question.id not in named:
        return False
    others = [q for q in procedure.questions if q.id in named and q.id != question.id and q.id not in fixed]
    for chosen in itertools.product(*([key for key, _ in other.options] for other in others)):
        rest = {**fixed, **dict(zip((other.id for other in others), chosen, strict=True))}
        if len({holds(when, {**rest, question.id: key}) for key, _ in question.options}) > 1:
            return True
    return False
