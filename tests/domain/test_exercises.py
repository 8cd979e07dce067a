"""Exercises never teach wrong: right is what the checklist says, and nothing that may be right by another name is offered as wrong."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import exercises
from bot.domain.exercises import Exercise, Offer
from procedures import checklist
from procedures.catalog import Catalog
from procedures.text import fold

TODAY = dt.date(2026, 11, 23)
ANY = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def wrongs(catalog: Catalog, code: str, made: Exercise) -> list[str]:
    """What must never be of an exercise."""
    entry = catalog.procedures[code]
    listed = checklist.build(entry, made.answers)
    right = {fold(offer.name) for offer in made.papers if offer.right}
    wrong = [fold(offer.name) for offer in made.papers if not offer.right]
    perfect = exercises.correct(made, made.right)
    rules = {
        "the situation is open": listed.done and not listed.ends and not listed.goes_to,
        "no right paper": bool(right),
        "other papers than the checklist's": right == {fold(document.name) for document in listed.documents},
        "right and wrong at once": not right & set(wrong),
        "a wrong one twice": len(set(wrong)) == len(wrong),
        "nothing to be wrong about": len(wrong) >= exercises.FEWEST_WRONG,
        "wrong, and looked up": not {fold(item.name) for item in listed.looked_up} & {fold(o.name) for o in made.papers if o.code != code},
        "a perfect pick is not full": perfect.full and exercises.marks(len(perfect.right), 0, 0) == 100,
        "another version": made.version == entry.version,
    }
    return [rule for rule, kept in rules.items() if not kept]


def test_every_curated_entry_makes_exercises_that_are_true(real_catalog: Catalog) -> None:
    found = {}
    entries = [entry for entry in real_catalog.current(TODAY) if exercises.suits(entry, TODAY)]
    for entry in entries:
        for seed in (1, 2):
            made = exercises.invent(real_catalog, entry.code, TODAY, seed)
            if made is None or (bad := wrongs(real_catalog, entry.code, made)):
                found[entry.code, seed] = "none" if made is None else bad
    assert len(entries) > 200
    assert found == {}


@ANY
@given(st.data())
def test_any_exercise_of_any_seed_is_true(real_catalog: Catalog, data: st.DataObject) -> None:
    codes = [entry.code for entry in real_catalog.current(TODAY) if exercises.suits(entry, TODAY)]
    code, seed = data.draw(st.sampled_from(codes)), data.draw(st.integers(0, 2**32))
    made = exercises.invent(real_catalog, code, TODAY, seed)
    assert made is not None
    assert wrongs(real_catalog, code, made) == []
    picked = data.draw(st.sets(st.sampled_from(range(len(made.papers)))))
    found = exercises.correct(made, picked)
    assert set(found.right) | set(found.wrong) == picked
    assert set(found.right) | set(found.missed) == made.right
    assert (exercises.marks(len(found.right), len(found.wrong), len(found.missed)) == 100) is (picked == made.right) is found.full


def test_the_same_seed_is_the_same_exercise_and_others_differ(real_catalog: Catalog) -> None:
    made = [exercises.invent(real_catalog, "1.001193", TODAY, seed) for seed in (7, 7, *range(8, 20))]
    assert made[0] == made[1]
    assert len({str(one) for one in made}) > 5


def test_papers_of_other_situations_come_before_those_of_siblings(real_catalog: Catalog) -> None:
    entry = real_catalog.procedures["1.001193"]
    made = exercises.invent(real_catalog, entry.code, TODAY, 3)
    assert made is not None
    own = {fold(document.name) for document in entry.documents} - {fold(offer.name) for offer in made.papers if offer.right}
    from_here = sum(offer.code == entry.code for offer in made.papers if not offer.right)
    assert from_here == min(len(own), sum(not offer.right for offer in made.papers))


@pytest.mark.parametrize("code", ["2.000815x", "giay-to-xe", "bang-lai-xe"])
def test_what_is_not_curated_makes_none(tiny_catalog: Catalog, code: str) -> None:
    assert exercises.invent(tiny_catalog, code, TODAY, 1) is None


@pytest.mark.parametrize(
    "name",
    [
        "Căn cước hoặc hộ chiếu", "Giấy ủy quyền có chứng thực", "Giấy tờ chứng minh quan hệ", "Sổ đỏ bản gốc", "Ảnh 4 x 6", "Đơn đề nghị",
        "Đơn xin trợ cấp tai nạn",
    ],
)  # fmt: skip
def test_what_may_be_a_right_paper_by_another_name_is_not_surely_another(name: str) -> None:
    assert not exercises.surely_other(name, ["Giấy đề nghị trợ cấp tai nạn lao động"])


def test_a_form_of_another_procedure_is_surely_another() -> None:
    assert exercises.surely_other("Tờ khai đăng ký kết hôn", ["Tờ khai đăng ký khai sinh", "Giấy chứng sinh"])


def test_a_wrong_paper_costs_and_so_does_a_missed_one() -> None:
    made = [exercises.marks(*counts) for counts in ((4, 0, 0), (3, 0, 1), (4, 1, 0), (1, 1, 2), (0, 0, 4), (0, 3, 0), (0, 0, 0))]
    assert made == [100, 75, 80, 25, 0, 0, 0]


def test_places_that_are_not_there_count_for_nothing() -> None:
    papers = (Offer(code="a", document="x", name="X", right=True), Offer(code="a", document="y", name="Y", right=False))
    found = exercises.correct(Exercise(code="a", version="1", answers={}, papers=papers), {0, 7, -1})
    assert (found.right, found.wrong, found.missed) == ((0,), (), ())
