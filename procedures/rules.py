"""What an entry is refused for, beyond its shape: each finding names the field it is about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from procedures import checklist
from procedures.models import Procedure, When

Finding = tuple[tuple[str | int, ...], str]


def findings(entry: Procedure) -> list[Finding]:
    """All reasons to refuse `entry`, as (path of the field, sentence). Empty when it may be used."""
    if entry.depth == "elsewhere":
        return [] if entry.where else [(("where",), "says neither which office does it nor how to start")]
    if entry.depth == "listed":
        return []
    found = [*_duplicates(entry), *_unknown_names(entry), *_looks_ahead(entry), *_assumptions(entry), *_shape(entry)]
    size = math.prod(len(question.options) for question in entry.questions)
    if size > checklist.MAX_COMBINATIONS:
        return [*found, (("questions",), f"{size} combinations of answers, at most {checklist.MAX_COMBINATIONS}")]
    return found or [*_every_combination(entry)]


def unfinished(raw: Any) -> Iterator[Finding]:
    """Why a file made by `motcua catalog draft` is no entry yet: a person has to sort every paper first."""
    if not isinstance(raw, dict):
        return
    if "draft" in raw:
        yield ("draft",), "this is a draft made from a record: sort it, compare it with the record, then delete this line"
    if "unsorted" in raw:
        papers = raw["unsorted"].get("papers") if isinstance(raw["unsorted"], dict) else raw["unsorted"]
        count = len(papers) if isinstance(papers, list) else "some"
        yield ("unsorted",), f"{count} papers of the record are not sorted into documents, looked_up and notes yet"


def _duplicates(entry: Procedure) -> Iterator[Finding]:
    for field, ids in (("questions", [q.id for q in entry.questions]), ("documents", [d.id for d in entry.documents])):
        for repeated in (name for name, count in Counter(ids).items() if count > 1):
            yield (field, ids.index(repeated)), f"the id {repeated} is used twice"
    for index, question in enumerate(entry.questions):
        keys = [key for key, _ in question.options]
        if len(set(keys)) < len(keys):
            yield ("questions", index), "an option stands twice"


def _conditioned(entry: Procedure) -> Iterator[tuple[tuple[str | int, ...], When]]:
    for field in ("questions", "documents", "looked_up", "fees", "time", "notes"):
        for index, item in enumerate(getattr(entry, field)):
            yield (field, index), item.when


def _unknown_names(entry: Procedure) -> Iterator[Finding]:
    for path, when in _conditioned(entry):
        for name, options in (pair for line in when for pair in line):
            question = entry.question(name)
            if question is None:
                yield (*path, "when"), f"names the question {name}, which does not exist"
                continue
            for option in options:
                if question.option(option) is None:
                    yield (*path, "when"), f"names the option {option} of {name}, which does not exist"


def _looks_ahead(entry: Procedure) -> Iterator[Finding]:
    for index, question in enumerate(entry.questions):
        later = {other.id for other in entry.questions[index:]}
        for name in (name for line in question.when for name, _ in line if name in later):
            yield ("questions", index, "when"), f"names the question {name}, which is not asked before this one"


def _assumptions(entry: Procedure) -> Iterator[Finding]:
    for index, question in enumerate(entry.questions):
        if question.assume is not None and question.option(question.assume) is None:
            yield ("questions", index, "assume"), f"names the option {question.assume}, which does not exist"


def _shape(entry: Procedure) -> Iterator[Finding]:
    if not entry.documents:
        yield ("documents",), "a curated entry needs documents; use listed where the record has none"
    for index, document in enumerate(entry.documents):
        if document.originals + document.copies == 0:
            yield ("documents", index), "neither originals nor copies: a note, not a paper"
    for index, question in enumerate(entry.questions):
        for key, option in question.options:
            if option.ends and option.goes_to:
                yield ("questions", index, "options", key), "both ends here and goes to another procedure"
    for field in ("fees", "time", "submit"):
        if not getattr(entry, field):
            yield (field,), "is missing; say `unstated` where the record is silent" if field != "submit" else "is missing"


def _every_combination(entry: Procedure) -> Iterator[Finding]:
    """No combination without a paper to submit, no paper nobody needs, no question or option that decides nothing."""
    outcomes: dict[tuple[str, ...], checklist.Outcome] = {}
    unreached = {document.id: document.when for document in entry.documents}
    submitted = [document.when for document in entry.documents if document.hand_in == "submit"]
    for answers in checklist.combinations(entry):
        situation = checklist.counting(entry, answers)
        if not checklist.leads_away(entry, situation):
            if not any(checklist.holds(when, situation) for when in submitted):
                yield ("documents",), f"no paper to submit when {_spoken(situation)}"
                return
            unreached = {key: when for key, when in unreached.items() if not checklist.holds(when, situation)}
        # Notes count as an outcome: an answer that only changes a warning still decides something a citizen needs.
        outcomes[tuple(answers.values())] = checklist.outcome(entry, answers)
    for index, document in enumerate(entry.documents):
        if document.id in unreached:
            yield ("documents", index), f"no combination of answers asks for {document.id}"
    yield from _idle(entry, outcomes)


def _idle(entry: Procedure, outcomes: dict[tuple[str, ...], checklist.Outcome]) -> Iterator[Finding]:
    for place, question in enumerate(entry.questions):
        columns: dict[str, list[checklist.Outcome]] = {key: [] for key, _ in question.options}
        for answers, decided in outcomes.items():
            columns[answers[place]].append(decided)
        groups: dict[tuple[checklist.Outcome, ...], list[str]] = {}
        for key, column in columns.items():
            groups.setdefault(tuple(column), []).append(key)
        if len(groups) == 1:
            yield ("questions", place), f"{question.id} decides nothing"
        else:
            for same in (group for group in groups.values() if len(group) > 1):
                yield ("questions", place, "options"), f"{' and '.join(same)} lead to the same result"


def _spoken(answers: checklist.Answers) -> str:
    return ", ".join(f"{key}={value}" for key, value in answers.items()) or "nothing is asked"
