"""Practice in a chat: a situation is told, papers are picked by numbers or buttons, the correction names its source."""

from __future__ import annotations

import dataclasses

import pytest
from sqlmodel import Session

from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.db.store import Store
from bot.domain import practice, staff
from bot.domain.exercises import Exercise
from bot.domain.practice import Kept
from bot.messages import Reply
from handlers import practice as told
from procedures.catalog import Catalog
from tests.fakes import NOON, Talk
from tests.handlers.conftest import ONE_DATABASE


async def hire(talk: Talk, role: Role = "volunteer", person: str = "mai") -> int:
    def connect(session: Session) -> int:
        number = staff.create(session, "em Mai", "trung-tam", role, now=NOON)
        code = staff.link(session, number, "connect", now=NOON)
        assert code is not None
        staff.connect(session, code, talk.bot, person, now=NOON)
        return number

    return await talk.store.write(connect)


async def exercise(talk: Talk, helper: int, said: list[Reply]) -> Kept:
    """The one that is before them, found by its buttons."""
    number = int(said[-1].choices[0].payload.split(":")[1])
    found = await talk.store.read(practice.get, helper, number)
    assert found is not None
    return found


def text(replies: list[Reply]) -> str:
    return "\n".join(plain.text(reply) for reply in replies)


async def test_a_perfect_pick_by_numbers_is_praised_with_the_source(talk: Talk) -> None:
    helper = await hire(talk)
    said = await talk.say("luyện tập", person="mai")
    assert "Có người đến làm:" in text(said)
    kept = await exercise(talk, helper, said)
    assert len(said[-1].choices) == len(kept.exercise.papers) + 1
    numbers = " ".join(str(place + 1) for place in sorted(kept.exercise.right))
    picked = await talk.say(numbers, person="mai")
    assert text(picked).count("đã chọn") == len(kept.exercise.right)
    done = await talk.say("0", person="mai")
    assert f"Đúng cả {len(kept.exercise.right)} giấy" in text(done)
    assert f"Nguồn: thủ tục {kept.code}" in text(done)
    assert (await talk.store.read(practice.records, [helper]))[helper][0].marks == 100


async def test_every_wrong_and_missed_paper_says_why(talk: Talk) -> None:
    helper = await hire(talk)
    kept = await exercise(talk, helper, await talk.say(payload="u:1.000656", person="mai"))
    wrong = [place for place in range(len(kept.exercise.papers)) if place not in kept.exercise.right]
    await talk.say(", ".join(str(place + 1) for place in wrong), person="mai")
    said = text(await talk.say("chấm bài", person="mai"))
    for place, offer in enumerate(kept.exercise.papers):
        assert f"{'Thiếu' if place in kept.exercise.right else 'Thừa'}: {offer.name}." in said
    assert said.count("Thừa: ") == len(wrong)
    assert "Đúng 0 trong" in said


@ONE_DATABASE
async def test_a_pick_can_be_taken_back_and_a_double_tap_changes_nothing(talk: Talk) -> None:
    helper = await hire(talk)
    said = await talk.say("luyện tập", person="mai")
    first = said[-1].choices[0].payload
    for _ in range(2):
        said = await talk.say(payload=first, person="mai")
        assert said[-1].in_place
    kept = await exercise(talk, helper, said)
    assert kept.taken == {0}
    await talk.say("1", person="mai")
    assert (await exercise(talk, helper, said)).taken == frozenset()
    await talk.say("tất cả", person="mai")
    assert len((await exercise(talk, helper, said)).taken) == len(kept.exercise.papers)


@ONE_DATABASE
async def test_after_the_correction_another_one_or_the_same_again(talk: Talk) -> None:
    helper = await hire(talk)
    await talk.say(payload="u:1.000656", person="mai")
    done = await talk.say("0", person="mai")
    again = await talk.press("Làm lại việc này", person="mai", replies=done)
    assert (await exercise(talk, helper, again)).code == "1.000656"
    other = await talk.press("Bài khác", person="mai", replies=done)
    assert (await exercise(talk, helper, other)).code == "2.000815", "never practised comes first"


@ONE_DATABASE
async def test_an_exercise_that_was_dropped_is_said_to_be_gone(talk: Talk) -> None:
    await hire(talk)
    said = await talk.say("luyện tập", person="mai")
    await talk.say("luyện tập", person="mai")
    for choice in (said[-1].choices[0], said[-1].choices[-1]):
        assert "không dùng được nữa" in text(await talk.say(payload=choice.payload, person="mai"))


@ONE_DATABASE
@pytest.mark.parametrize("role", ["volunteer", "clerk", "lead", "manager", "admin"])
async def test_every_helper_may_practise(talk: Talk, role: Role) -> None:
    await hire(talk, role)
    assert "Có người đến làm:" in await talk.read("Luyện tập", person="mai")


@ONE_DATABASE
async def test_others_may_not_even_with_the_buttons_of_a_helper(talk: Talk) -> None:
    await hire(talk)
    await hire(talk, "auditor", "nam")
    said = await talk.say("luyện tập", person="mai")
    for person in ("lan", "nam"):
        assert "Luyện tập là phần của người giúp" in await talk.read("luyện tập", person=person)
        for choice in (said[-1].choices[0], said[-1].choices[-1]):
            assert "Luyện tập là phần của người giúp" in text(await talk.say(payload=choice.payload, person=person))


@ONE_DATABASE
async def test_ticking_a_list_by_numbers_still_works(talk: Talk) -> None:
    """Several numbers at once belong to whichever menu is in front."""
    await hire(talk, person="lan")
    await talk.say("luyện tập")
    for said in ("ba em mới mất", "1", "1"):
        await talk.say(said)
    await talk.say("1")
    assert "Đã có 2 trong 3 giấy" in await talk.read("1 2")


# why


def situation(catalog: Catalog, **answers: str) -> Exercise:
    entry = catalog.procedures["1.000656"]
    papers = [{"code": entry.code, "document": document.id, "name": document.name, "right": False} for document in entry.documents]
    return Exercise.model_validate({"code": entry.code, "version": entry.version, "answers": answers, "papers": papers})


def test_a_wrong_paper_says_which_situation_needs_it(tiny_catalog: Catalog) -> None:
    made = situation(tiny_catalog, proof="paper", late="on_time")
    entry = tiny_catalog.procedures[made.code]
    places = {offer.document: place for place, offer in enumerate(made.papers)}
    assert told.why(tiny_catalog, entry, made, places["death_evidence"]) == (
        "Chỉ cần khi: Có giấy báo tử của người mất không: “Mất đã lâu, không có giấy báo tử”."
    )
    assert told.why(tiny_catalog, entry, made, places["mandate"]) == "Chỉ cần khi: Ai đi khai: “Người khác được ủy quyền”."


def test_a_right_paper_says_why_it_is_needed(tiny_catalog: Catalog) -> None:
    made = situation(tiny_catalog, proof="paper", late="on_time")
    made = made.model_copy(update={"papers": tuple(offer.model_copy(update={"right": True}) for offer in made.papers)})
    entry = tiny_catalog.procedures[made.code]
    places = {offer.document: place for place, offer in enumerate(made.papers)}
    assert told.why(tiny_catalog, entry, made, places["death_notice"]) == "Cần vì: Có giấy báo tử của người mất không: “Có giấy báo tử”."
    assert told.why(tiny_catalog, entry, made, places["form"]) == "Trường hợp nào của việc này cũng cần."


async def test_an_entry_that_changed_is_not_corrected_from(store: Store, tiny: Premises) -> None:
    talk = Talk(store, tiny)
    await hire(talk)
    await talk.say(payload="u:1.000656", person="mai")
    newer = tiny.catalog.procedures["1.000656"].model_copy(update={"version": "another"})
    catalog = dataclasses.replace(tiny.catalog, procedures={**tiny.catalog.procedures, "1.000656": newer})
    changed = Talk(store, dataclasses.replace(tiny, catalog=catalog))
    changed._updates = talk._updates
    said = await changed.say("0", person="mai")
    assert "Thủ tục vừa đổi trong danh mục" in text(said)
