"""The real catalog, entry by entry and answer by answer."""

from __future__ import annotations

import csv
import json
import re
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.payloads import LONGEST, Payload, encode
from handlers import payloads
from procedures import checklist
from procedures.catalog import Catalog
from procedures.models import Procedure

FACTS = Path(__file__).parents[3] / "shared" / "facts"
needs_facts = pytest.mark.skipif(not FACTS.is_dir(), reason="the official records lie beside the checkout, not in it")
LONGEST_TITLE = 90
COPIED = 12  # words in a row that may stand as in the record
CHECKLIST = 10**12  # the number of a list, far beyond any that will be handed out


@pytest.fixture(scope="session")
def curated(real_catalog: Catalog) -> list[Procedure]:
    return [entry for entry in real_catalog.procedures.values() if entry.depth == "curated"]


@pytest.fixture(scope="session")
def longest_paths(curated: list[Procedure]) -> dict[str, int]:
    """How many questions the longest interview of each entry asks."""
    return {entry.code: max(len(state.answers) for state in checklist.interviews(entry)) for entry in curated}


def test_every_combination_of_answers_has_a_paper_to_submit_or_leads_on(curated: list[Procedure]) -> None:
    empty = []
    for entry in curated:
        for answers in checklist.combinations(entry):
            made = checklist.build(entry, answers)
            assert made.done, f"{entry.code} asks on after every answer was given: {answers}"
            if not (made.ends or made.goes_to or any(paper.hand_in == "submit" for paper in made.documents)):
                empty.append((entry.code, answers))
    assert empty == []


def test_every_interview_has_a_paper_to_submit_a_fee_and_a_time_or_leads_on(curated: list[Procedure]) -> None:
    wanting = []
    for entry in curated:
        for state in checklist.interviews(entry):
            complete = any(paper.hand_in == "submit" for paper in state.documents) and state.fees and state.time
            if not (state.ends or state.goes_to or complete):
                wanting.append((entry.code, state.answers, len(state.documents), len(state.fees), state.time))
    assert wanting == []


def test_every_paper_and_every_other_part_is_on_some_list(curated: list[Procedure]) -> None:
    unseen: list[tuple[str, str]] = []
    for entry in curated:
        parts: dict[str, Any] = {
            f"{kind} {n}": part for kind in ("documents", "looked_up", "fees", "notes") for n, part in enumerate(getattr(entry, kind))
        }
        parts |= {f"time {n}": part for n, part in enumerate(entry.time)}
        for answers in checklist.combinations(entry):
            made = checklist.build(entry, answers)
            held = [*made.documents, *made.looked_up, *made.fees, *made.notes, made.time]
            parts = {name: part for name, part in parts.items() if not any(part is one for one in held)}
            if not parts:
                break
        unseen.extend((entry.code, name) for name in parts)
    assert unseen == []


def test_every_question_is_asked_or_taken_for_granted_somewhere(curated: list[Procedure]) -> None:
    silent: list[tuple[str, str]] = []
    for entry in curated:
        met = {name for state in checklist.interviews(entry) for name in (*state.answers, *state.assumed)}
        granted = {question.id for question in entry.questions if question.assume}
        behind = {question.id for question in entry.questions if any(name in granted for line in question.when for name, _ in line)}
        silent.extend((entry.code, question.id) for question in entry.questions if question.id not in met | behind)
    assert silent == []


def test_every_button_an_entry_can_make_fits(curated: list[Procedure]) -> None:
    for entry in curated:
        made: list[Payload] = [payloads.Open(entry.code)]
        for question in entry.questions:
            made += [payloads.Change(CHECKLIST, question.id), *(payloads.Answer(CHECKLIST, question.id, key) for key, _ in question.options)]
        made += [payloads.Tick(CHECKLIST, paper.id, have) for paper in entry.documents for have in (True, False)]
        for payload in made:
            text = encode(payload)
            assert len(text.encode()) <= LONGEST
            assert payloads.CODEC.decode(text) == payload


def test_every_code_and_life_event_fits_a_button(real_catalog: Catalog) -> None:
    for code in (*real_catalog.procedures, *real_catalog.old_codes):
        assert payloads.CODEC.decode(encode(payloads.Open(code))) == payloads.Open(code)
    for event in real_catalog.life_events:
        assert payloads.CODEC.decode(encode(payloads.Event(event))) == payloads.Event(event)


def test_no_interview_asks_more_than_six_questions(longest_paths: dict[str, int]) -> None:
    assert {code: asked for code, asked in longest_paths.items() if asked > 6} == {}


def test_half_of_the_entries_ask_at_most_two_questions(longest_paths: dict[str, int]) -> None:
    assert statistics.median(longest_paths.values()) <= 2, sorted(longest_paths.items(), key=lambda pair: -pair[1])


@pytest.mark.parametrize("field", ["fees", "time", "submit", "documents", "summary", "result", "legal_basis", "also"])
def test_every_curated_entry_says(curated: list[Procedure], field: str) -> None:
    assert [entry.code for entry in curated if not getattr(entry, field)] == []


def test_every_curated_entry_says_when_and_against_what_it_was_checked(curated: list[Procedure]) -> None:
    assert [entry.code for entry in curated if not (entry.checked.on and (entry.checked.decision or entry.checked.record))] == []


def test_every_title_fits_a_line_or_two(real_catalog: Catalog) -> None:
    hand_written = [entry for entry in real_catalog.procedures.values() if entry.depth != "listed"]
    assert [(entry.code, entry.title) for entry in hand_written if len(entry.title) > LONGEST_TITLE] == []


def test_every_curated_entry_is_found_by_eight_phrases_or_more(curated: list[Procedure]) -> None:
    assert {entry.code: len(entry.also) for entry in curated if len(entry.also) < 8} == {}


def test_no_phrase_stands_twice_in_an_entry(real_catalog: Catalog) -> None:
    assert [entry.code for entry in real_catalog.procedures.values() if len(set(entry.also)) < len(entry.also)] == []


def test_no_sentence_shouts_or_winks(real_catalog: Catalog) -> None:
    loud = []
    for entry in real_catalog.procedures.values():
        for where, text in _said(entry):
            if "!" in text or any(unicodedata.category(char) in ("So", "Sk", "Cs", "Co") for char in text):
                loud.append((entry.code, where, text))
    assert loud == []


def test_nothing_is_written_in_split_letters(real_catalog: Catalog) -> None:
    """Marks that stand apart from their letter move about in PDFs and break the search."""
    for entry in real_catalog.procedures.values():
        text = entry.model_dump_json()
        assert unicodedata.is_normalized("NFC", text), entry.code


def test_the_catalog_is_as_large_as_promised(real_catalog: Catalog) -> None:
    depths = [entry.depth for entry in real_catalog.procedures.values()]
    assert depths.count("curated") >= 150
    assert depths.count("curated") + depths.count("listed") >= 450
    assert depths.count("elsewhere") >= 150


def test_no_checklist_leads_in_a_circle(curated: list[Procedure], real_catalog: Catalog) -> None:
    """`goes_to` may lead on, but never straight back to an entry one has come from by answers alone."""
    leads = {entry.code: {option.goes_to for question in entry.questions for _, option in question.options if option.goes_to} for entry in curated}
    assert [code for code, targets in leads.items() if code in targets] == []
    assert [target for targets in leads.values() for target in targets if real_catalog.get(target) is None] == []


@needs_facts
def test_every_frequent_procedure_with_a_full_record_is_curated(real_catalog: Catalog) -> None:
    with (FACTS / "frequent_procedures.csv").open(encoding="utf-8-sig", newline="") as file:
        wanted = [row["code"] for row in csv.DictReader(file) if row["has_full_text_record"] == "1"]
    assert wanted
    found = {code: real_catalog.get(code) for code in wanted}
    assert [code for code, entry in found.items() if entry is None or entry.depth != "curated"] == []


@needs_facts
def test_no_sentence_is_copied_from_the_official_record(curated: list[Procedure]) -> None:
    records = _records({code for entry in curated for code in (entry.code, *entry.replaces)})
    copied: list[tuple[str, str, str]] = []
    for entry in curated:
        told = set().union(*(records.get(code, set()) for code in (entry.code, *entry.replaces)))
        names = _runs(" | ".join(_names(entry)))
        for where, text in _own(entry):
            runs = [run for run in _windows(text) if run in told and run not in names]
            copied.extend((entry.code, where, " ".join(run)) for run in runs[:1])
    assert copied == []


def _own(entry: Procedure) -> Iterator[tuple[str, str]]:
    """The sentences written for citizens, each with where it stands; names of papers, forms and documents are not ours."""
    single = {"summary": entry.summary, "who_may_go": entry.who_may_go}
    if entry.deadline:
        single |= {"deadline": entry.deadline.text, "deadline.consequence": entry.deadline.consequence}
    for question in entry.questions:
        single |= {f"{question.id}.ask": question.ask, f"{question.id}.why": question.why}
        for key, option in question.options:
            single |= {f"{question.id}.{key}": option.label, f"{question.id}.{key}.hint": option.hint, f"{question.id}.{key}.ends": option.ends}
    single |= {f"{paper.id}.note": paper.note for paper in entry.documents}
    single |= {f"looked_up.{n}.note": item.note for n, item in enumerate(entry.looked_up)}
    for number, fee in enumerate(entry.fees):
        single |= {f"fees.{number}.note": fee.note, f"fees.{number}.exempt": fee.exempt, f"fees.{number}.what": fee.what}
    single |= {f"time.{number}.note": time.note for number, time in enumerate(entry.time)}
    single |= {f"notes.{number}": note.text for number, note in enumerate(entry.notes)}
    single |= {f"next.{number}.why": following.why for number, following in enumerate(entry.next)}
    yield from ((where, text) for where, text in single.items() if text)


def _said(entry: Procedure) -> Iterator[tuple[str, str]]:
    yield from _own(entry)
    yield "title", entry.title
    yield from ((f"{paper.id}.name", paper.name) for paper in entry.documents)
    yield from ((f"looked_up.{number}.name", item.name) for number, item in enumerate(entry.looked_up))
    if entry.where:
        yield from (("where", text) for text in (entry.where.office, entry.where.how, entry.where.note) if text)


def _names(entry: Procedure) -> Iterator[str]:
    yield from (text for text in (entry.name, entry.result) if text)
    yield from (text for paper in entry.documents for text in (paper.name, paper.official, paper.form) if text)
    yield from entry.legal_basis


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def _windows(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of words one longer than may be copied."""
    words = _words(text)
    yield from (tuple(words[start : start + COPIED + 1]) for start in range(len(words) - COPIED))


def _runs(text: str) -> set[tuple[str, ...]]:
    return set(_windows(text))


def _records(codes: set[str]) -> dict[str, set[tuple[str, ...]]]:
    runs: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    with (FACTS / "procedures.jsonl").open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["code"] in codes:
                for text in _texts(record):
                    runs[record["code"]] |= _runs(text)
    return runs


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
