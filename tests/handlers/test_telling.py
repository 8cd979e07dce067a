"""The sentences people get about their visit."""

from __future__ import annotations

import dataclasses

import pytest
from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import checklists
from bot.domain.visits import Missing, Visit
from bot.domain.waitlist import Offer, Waiting
from bot.messages import Paper, Papers, Source, State
from handlers import payloads, telling
from tests.center_day import CENTER, HOLIDAY, WEDNESDAY, CenterDay, at

VISIT = Visit(7, CENTER, 1, WEDNESDAY, "booked", "abc", "483920", starts_at=at("8:30", WEDNESDAY), procedure="1.000656")


def test_the_page_is_opened_by_the_link_alone(tiny: Premises) -> None:
    assert telling.page(tiny, VISIT) == "https://motcua.example/phieu/abc"


def test_when_names_day_and_hour_or_the_day_alone() -> None:
    assert telling.when(VISIT) == "thứ Tư 25/11, 08:30"
    assert telling.when(dataclasses.replace(VISIT, starts_at=None)) == "thứ Tư 25/11"


def test_a_code_is_read_out_in_two_parts() -> None:
    assert telling.spoken("483920") == "483 920"


@pytest.mark.parametrize(("procedure", "title"), [("1.000656", "Đăng ký khai tử"), ("", "Chưa rõ việc"), ("9.999999", "Chưa rõ việc")])
def test_what_somebody_comes_for(tiny: Premises, procedure: str, title: str) -> None:
    assert telling.title(tiny, dataclasses.replace(VISIT, procedure=procedure)) == title


def test_who_made_the_visit_is_reached_by_their_account(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    account = day.read(telling.reach, visit)
    assert account is not None
    assert account.address == "lan"
    assert day.read(telling.reach, VISIT) is None


def test_nobody_to_tell_is_no_message(day: CenterDay) -> None:
    assert day.do(telling.tell, VISIT, State(title="x")) is None
    assert day.snapshot()["outbox"] == []


def test_a_message_is_a_ticket_message_unless_said_otherwise(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    first = day.do(telling.tell, visit, State(title="x"))
    second = day.do(telling.tell, visit, State(title="y"), kind="reminder", skipped="why")
    assert first is not None
    assert second is not None
    assert second > first
    assert [(reply.blocks[0].title, reply.choices) for reply in day.told() if isinstance(reply.blocks[0], State)] == [("x", ()), ("y", ())]


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("missing", "– Giấy A"),
        ("incorrect", "– Giấy A (ghi chưa đúng)"),
        ("outdated", "– Giấy A (đã quá hạn)"),
        ("not_required", "– Giấy A (luật không đòi giấy này)"),
    ],
)
def test_every_reason_has_its_words(why: str, line: str) -> None:
    visit = dataclasses.replace(VISIT, letter="A", number=5, missing=f'[{{"id": "a", "name": "Giấy A", "why": "{why}"}}]')
    state = telling.must_return(visit, 3)
    assert state.text == (line, "Khi quay lại, báo Quầy 3, không phải lấy số.")
    assert state.title == "A005 còn thiếu 1 giấy"
    assert visit.papers_missing == (Missing("a", "Giấy A", why),)


def test_an_offer_can_be_taken_or_left_by_its_buttons_and_names_another_day(day: CenterDay) -> None:
    person, account = day.person("lan")
    waiting = Waiting(1, CENTER, 1, WEDNESDAY, "offered", person, account, "", None, 7, day.now)
    for until, said in ((at("9:00"), "đến 09:00."), (at("7:30", HOLIDAY), "đến thứ Ba 24/11, 07:30.")):
        visit = dataclasses.replace(VISIT, account_id=account, person_id=person, hold_until=until)
        day.do(telling.offered, Offer(waiting, visit))
        reply = day.told()[-1]
        block = reply.blocks[0]
        assert isinstance(block, State)
        assert said in block.text[0]
        assert [payloads.CODEC.decode(choice.payload) for choice in reply.choices[:2]] == [payloads.Confirm(7), payloads.Cancel(7, sure=True)]
        assert [choice.number for choice in reply.choices] == [1, 2, 0]


def test_a_booking_is_moved_or_cancelled_by_its_buttons(tiny: Premises) -> None:
    assert [choice.link for choice in telling.own(tiny, VISIT)] == [telling.page(tiny, VISIT), "", ""]
    buttons = [payloads.CODEC.decode(choice.payload) for choice in telling.own(None, VISIT)]
    assert buttons == [payloads.Move(7), payloads.Cancel(7, sure=False)]


def with_list(day: CenterDay, have: tuple[str, ...]) -> Visit:
    person, account = day.person("lan")

    def make(session: Session) -> int:
        row = checklists.start(session, "1.000656", "v", person_id=person, account_id=account, now=day.now)
        papers = Paper(id="a", name="Tờ khai"), Paper(id="b", name="Giấy báo tử")
        checklists.pin(session, row, Papers(title="t", name="n", submit=papers, source=Source(code="1.000656")), "v", now=day.now)
        checklists.tick(session, row, have, now=day.now)
        return row.id

    return dataclasses.replace(VISIT, person_id=person, account_id=account, checklist_id=day.read(make))


@pytest.mark.parametrize(
    ("have", "line"),
    [
        ((), "Còn 2 giấy chưa đánh dấu: Tờ khai; Giấy báo tử."),
        (("a",), "Còn 1 giấy chưa đánh dấu: Giấy báo tử."),
        (("a", "b"), "Giấy tờ đã đánh dấu đủ 2 giấy."),
    ],
)
def test_papers_still_unticked_are_named(day: CenterDay, have: tuple[str, ...], line: str) -> None:
    assert day.read(telling.papers_left, with_list(day, have)) == line


def test_without_a_list_of_ones_own_it_says_where_to_get_one(day: CenterDay) -> None:
    visit = with_list(day, ())
    for other in (VISIT, dataclasses.replace(visit, person_id=day.person("mai")[0]), dataclasses.replace(visit, checklist_id=None)):
        assert "Chưa có danh sách giấy tờ." in day.read(telling.papers_left, other)
