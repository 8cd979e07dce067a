"""From a citizen's answers to the next question or the papers: pure decisions over one entry."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
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
    """The checklist for what is known so far. Answers that name no question or option of the entry are ignored, and so are
    those to a question which, after another answer was changed, would not be asked any more."""
    given = _valid(procedure, answers)
    granted = {**_assumptions(procedure), **given}
    question, situation = _next_question(procedure, granted)
    left = _leaving(procedure, situation)
    return Checklist(
        procedure=procedure,
        answers={key: value for key, value in given.items() if key in situation},
        assumed={q.id: q.assume for q in procedure.questions if q.assume and q.id not in given and _matters(procedure, q, granted)},
        next_question=None if left else question,
        documents=() if left else tuple(d for d in procedure.documents if holds(d.when, situation)),
        looked_up=() if left else tuple(i for i in procedure.looked_up if holds(i.when, situation)),
        fees=() if left else tuple(f for f in procedure.fees if holds(f.when, situation)),
        time=None if left else next((t for t in procedure.time if holds(t.when, situation)), None),
        notes=() if left else tuple(n for n in procedure.notes if holds(n.when, situation)),
        deadline=procedure.deadline,
        ends=left.ends if left else None,
        goes_to=left.goes_to if left else None,
    )


Outcome = tuple[str | int | None, ...]


def outcome(procedure: Procedure, situation: Answers) -> Outcome:
    """All that the answers decide, small enough to compare thousands: where they lead, and which conditional parts hold."""
    situation = counting(procedure, situation)
    left = _leaving(procedure, situation)
    if left is not None:
        return left.ends, left.goes_to
    return tuple(_first(whens, situation) for whens in _decisions(procedure))


def counting(procedure: Procedure, situation: Answers) -> Answers:
    """Without the answers to questions that are not asked, given the others."""
    moot = [q.id for q in procedure.questions if q.when and q.id in situation and not holds(q.when, situation)]
    return counting(procedure, {key: value for key, value in situation.items() if key not in moot}) if moot else situation


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
        if _leads(option):
            return option
    return None


def _next_question(procedure: Procedure, situation: Answers) -> tuple[Question | None, Answers]:
    """The first open question that matters, and the answers that count. A question before it that does not matter gets any
    answer: whichever it is, the list is the same, but conditions want one."""
    for question in procedure.questions:
        if question.id not in situation and holds(question.when, counting(procedure, situation)):
            if _matters(procedure, question, situation):
                return question, counting(procedure, situation)
            situation = {**situation, question.id: question.options[0][0]}
    return None, counting(procedure, situation)


def _matters(procedure: Procedure, question: Question, situation: Answers) -> bool:
    """Whether the answer to this question can still change anything, given what is known and taken for granted."""
    fixed = {key: value for key, value in situation.items() if key != question.id}
    if not holds(question.when, counting(procedure, fixed)):
        return False
    if any(_leads(option) for _, option in question.options):
        return True
    return any(_sensitive(procedure, whens, question, fixed) for whens in {*_decisions(procedure), *_exits(procedure, fixed)})


def _leads(option: Option | None) -> bool:
    return option is not None and bool(option.ends or option.goes_to)


def _exits(procedure: Procedure, fixed: Answers) -> Iterator[tuple[When, ...]]:
    """When the questions are asked whose answer may still lead away."""
    for question in procedure.questions:
        options = [option for key, option in question.options if fixed.get(question.id, key) == key]
        if question.when and any(_leads(option) for option in options):
            yield (question.when,)


def _decisions(procedure: Procedure) -> Iterator[tuple[When, ...]]:
    """What answers decide: whether each conditional part holds, and which time is the first that does."""
    for items in (procedure.documents, procedure.looked_up, procedure.fees, procedure.notes):
        for item in items:
            if item.when:
                yield (item.when,)
    yield tuple(item.when for item in procedure.time)


def _first(whens: tuple[When, ...], situation: Answers) -> int | None:
    return next((index for index, when in enumerate(whens) if holds(when, situation)), None)


def _sensitive(procedure: Procedure, whens: tuple[When, ...], question: Question, fixed: Answers) -> bool:
    """Whether this can come out differently for two options, over all answers to what else is still open."""
    named = _named(procedure, whens)
    if question.id not in named:
        return False
    others = [q for q in procedure.questions if q.id in named and q.id != question.id and q.id not in fixed]
    for chosen in itertools.product(*([key for key, _ in other.options] for other in others)):
        rest = {**fixed, **dict(zip((other.id for other in others), chosen, strict=True))}
        situations = (counting(procedure, {**rest, question.id: key}) for key, _ in question.options)
        if len({_first(whens, situation) for situation in situations if not leads_away(procedure, situation)}) > 1:
            return True
    return False


def _named(procedure: Procedure, whens: Iterable[When]) -> set[str]:
    """The questions these conditions name, and those that decide whether these are asked."""
    found = {name for when in whens for line in when for name, _ in line}
    while True:
        behind = {name for q in procedure.questions if q.id in found for line in q.when for name, _ in line}
        if behind <= found:
            return found
        found |= behind
