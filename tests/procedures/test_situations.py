"""Twenty citizens' situations: every paper each of them needs is on the list, and nothing else.

What the situations say stands beside the checkout in shared/eval; here stand only our answers and the ids of our papers, in the
order in which a row names them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from procedures import checklist
from procedures.catalog import Catalog
from procedures.checklist import Checklist
from procedures.models import Document
from procedures.text import fold

FILE = Path(__file__).parents[3] / "shared" / "eval" / "situations.jsonl"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the situations lie beside the checkout, not in it")

# What a paper is called says little; what it is about says much.
EMPTY = frozenset(
    fold("giấy tờ văn bản chứng minh xác nhận của người cho các có được là đã do vì theo với về hoặc và một bên trước này mẫu số làm").split()
)
SAME = {"tuy than": "can cuoc", "tre em": "be", "tre": "be", "dang ky": "khai", "chung tu": "bao tu", "thuc hien": "lam", "nhan be": "nhan"}
BRACKETS = re.compile(r"\(([^)]*)\)")
NAMED, MEANT = 0.5, 0.75  # share of a row's words a paper must hold to be the one named; to be one that must not be there


class Situation(NamedTuple):
    code: str
    answers: dict[str, str]
    papers: list[str]
    fees: list[int | str]
    time: tuple[str, int | None]


SAME_DAY, UNSTATED = ("same_day", None), ("unstated", None)
SITUATIONS = [
    Situation("1.000656", {"proof": "paper", "late": "on_time"}, ["form", "death_notice", "id_card"], [0], SAME_DAY),
    Situation("1.000656", {"proof": "long_ago"}, ["form", "death_evidence", "id_card"], ["local"], SAME_DAY),
    Situation("1.000656", {"proof": "paper", "late": "on_time", "who": "kin"}, ["form", "death_notice", "mandate", "id_card"], [0], SAME_DAY),
    Situation("1.004859", {"what": "fix"}, ["form", "grounds", "id_card"], ["local"], UNSTATED),
    Situation("1.004859", {"what": "add", "who": "other", "how": "post"}, ["form", "grounds", "mandate_cert", "id_copy"], ["local"], SAME_DAY),
    Situation("1.004884", {"old_paper": "copy", "official": "no_official"}, ["form", "birth_copy", "id_card"], ["local"], UNSTATED),
    Situation("1.004884", {"old_paper": "none", "official": "is_official"}, ["form", "other_papers", "unit_letter", "id_card"], ["local"], UNSTATED),
    Situation("2.001263", {"relation": "step", "origin": "alive"}, ["form", "parent_id", "birth_cert", "health_child", "photos"], [0], ("days", 30)),
    Situation(
        "2.001263",
        {"relation": "other", "origin": "abandoned", "home": "facility"},
        ["form", "health_parent", "home_check", "parent_id", "birth_cert", "health_child", "photos", "found_record", "admission"],
        [400000],
        ("days", 30),
    ),
    Situation(
        "2.001263",
        {"relation": "aunt", "origin": "dead", "home": "family"},
        ["form", "parent_id", "birth_cert", "health_child", "photos", "death_cert"],
        [0],
        ("days", 30),
    ),
    Situation("1.001570", {"plan": "pause", "group": "own"}, ["form"], ["local"], ("working_days", 1)),
    Situation("2.000575", {"why": "lost"}, ["form_again"], ["local"], ("working_days", 1)),
    Situation(
        "2.000575", {"why": "sale_before", "deal": "bought", "owner": "solo"}, ["owner_notice", "sale_contract"], ["local"], ("working_days", 3)
    ),
    Situation("1.001699", {"kind": "first", "council": "none"}, ["form", "medical"], [0], ("working_days", 25)),
    Situation("1.001699", {"kind": "again"}, ["form", "medical_again"], [0], ("working_days", 25)),
    Situation("1.004222", {"place": "family", "relation": "newborn", "how": "online"}, ["eform"], [10000], ("working_days", 7)),
    Situation("1.004222", {"place": "rent", "house": "paper"}, ["form", "lease", "area_paper"], [20000], ("working_days", 7)),
    Situation("1.004194", {"place": "rent", "how": "online"}, ["eform", "lease"], [7000], ("working_days", 3)),
    Situation("1.004194", {"place": "family", "how": "online"}, ["eform"], [7000], ("working_days", 3)),
    Situation("2.001406", {"asset": "home_land"}, ["draft", "id_card"], [50000], UNSTATED),
]
NUMBERS = range(len(SITUATIONS))


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]


def made(catalog: Catalog, situation: Situation) -> Checklist:
    entry = catalog.get(situation.code)
    assert entry is not None
    return checklist.build(entry, situation.answers)


def told(result: Checklist) -> str:
    papers = "\n".join(f"  {paper.id}: {paper.name} | {paper.official or ''}" for paper in result.documents)
    return f"{result.procedure.code} {result.answers}\n{papers}"


def words(text: str) -> set[str]:
    """What a paper is about, without marks and with one word for what has several."""
    folded = f" {' '.join(re.findall(r'[a-z0-9]+', fold(text)))} "
    for said, meant in SAME.items():
        folded = folded.replace(f" {said} ", f" {meant} ")
    return set(folded.split()) - EMPTY


def share(asked: str, *texts: str | None) -> float:
    """How much of what is asked for stands in the texts."""
    wanted = words(asked)
    return len(wanted & words(" ".join(filter(None, texts)))) / max(len(wanted), 1)


def is_named(asked: str, paper: Document) -> bool:
    """Whether this is the paper asked for: of several alternatives one is enough, and so are the examples in brackets."""
    alternatives = (*BRACKETS.sub("", asked).split(" hoặc "), *BRACKETS.findall(asked))
    return max(share(part, paper.name, paper.official, paper.form, paper.note) for part in alternatives) >= NAMED


def is_meant(asked: str, paper: Document) -> bool:
    """Whether a list with this paper asks for what it must not: nearly all of its words stand in one of the paper's names."""
    return max(share(BRACKETS.sub("", asked), name) for name in (paper.name, paper.official)) >= MEANT


def test_the_situations_are_the_ones_these_answers_were_written_for(rows: list[dict[str, Any]]) -> None:
    assert [(row["code"], len(row["must"])) for row in rows] == [(one.code, len(one.papers)) for one in SITUATIONS]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_answers_lead_to_the_end_of_the_interview_and_all_count(real_catalog: Catalog, number: int) -> None:
    result = made(real_catalog, SITUATIONS[number])
    assert result.done
    assert (result.ends, result.goes_to) == (None, None)
    assert result.answers == SITUATIONS[number].answers


@pytest.mark.parametrize("number", NUMBERS)
def test_the_list_holds_exactly_the_papers_of_the_situation(real_catalog: Catalog, number: int) -> None:
    result = made(real_catalog, SITUATIONS[number])
    assert sorted(paper.id for paper in result.documents) == sorted(SITUATIONS[number].papers), told(result)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_paper_that_must_be_there_is_the_one_meant(real_catalog: Catalog, rows: list[dict[str, Any]], number: int) -> None:
    result = made(real_catalog, SITUATIONS[number])
    for asked, name in zip(rows[number]["must"], SITUATIONS[number].papers, strict=True):
        paper = result.procedure.document(name)
        assert paper is not None
        assert is_named(asked, paper), f"{name} is not {asked}\n{told(result)}"
        assert ("xuất trình" in asked) <= (paper.hand_in == "show"), f"{name} is shown, not handed in"


@pytest.mark.parametrize("number", NUMBERS)
def test_no_paper_that_must_not_be_there_is_on_the_list(real_catalog: Catalog, rows: list[dict[str, Any]], number: int) -> None:
    result = made(real_catalog, SITUATIONS[number])
    found = [(asked, paper.id) for asked in rows[number]["must_not"] for paper in result.documents if is_meant(asked, paper)]
    assert found == [], told(result)


@pytest.mark.parametrize("number", NUMBERS)
def test_fee_and_time_are_those_of_the_situation(real_catalog: Catalog, number: int) -> None:
    result = made(real_catalog, SITUATIONS[number])
    assert [fee.amount for fee in result.fees] == SITUATIONS[number].fees
    assert result.time is not None
    assert (result.time.kind, result.time.amount) == SITUATIONS[number].time


def test_the_comparison_would_notice_a_paper_that_must_not_be_there(real_catalog: Catalog, rows: list[dict[str, Any]]) -> None:
    """A control: on the list of all papers of an entry, most of what must not be there is found."""
    asked = [(row["code"], text) for row in rows for text in row["must_not"]]
    entries = real_catalog.procedures
    found = [(code, text) for code, text in asked if any(is_meant(text, paper) for paper in entries[code].documents)]
    assert len(found) >= 0.8 * len(asked), [pair for pair in asked if pair not in found]
