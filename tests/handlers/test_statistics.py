"""Figures in the chat: lines and one picture for who may read them, of the period that was typed; marks that the font has."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import itertools
import threading

import pytest
from PIL import Image, ImageFont
from sqlmodel import Session

from bot import texts
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.enums import Role
from bot.db.results import Recount
from bot.db.store import Store
from bot.db.sums import Sums
from bot.domain import attachments, centers, figures, periods, queue, staff, visits
from bot.domain.scopes import Scope
from bot.messages import Attached, Reply
from handlers import statistics, statistics_picture
from handlers.statistics_picture import Bar, Picture, Tile
from tests.center_day import CENTER, CENTER_OF_FILE, CenterDay, minutes
from tests.fakes import Talk


@pytest.fixture
def house(tiny: Premises) -> Premises:
    return dataclasses.replace(tiny, directory=centers.Directory((CENTER_OF_FILE,)))


@pytest.fixture
def talk(store: Store, house: Premises) -> Talk:
    """After a Monday with six visits, three of them in vain for want of a paper."""
    talk = Talk(store, house)
    day = CenterDay(store.engine)
    day.sit(1, staff=99)
    for name in ("lan", "mai", "hoa", "cuc", "dao", "hue"):
        day.walk_in(name, procedure="1.000656")
    for number in range(6):
        day.now += minutes(5)
        day.finish(day.called(), missing=("death_notice",) if number % 2 else ())
    return talk


async def connect(talk: Talk, role: Role) -> None:
    number = await talk.store.write(staff.create, "chị Hạnh", CENTER, role, now=talk.now)
    code = await talk.store.write(staff.link, number, "connect", now=talk.now)
    await talk.say(f"nối {code}")


def said(replies: list[Reply]) -> str:
    return "\n".join(plain.text(reply) for reply in replies)


async def test_a_lead_gets_the_week_in_lines_and_one_picture(talk: Talk) -> None:
    await connect(talk, "lead")
    [reply] = await talk.say("/thongke tuần này")
    for words in (
        "xã Tam Hiệp, 23/11 đến 29/11/2026",
        "6 lượt, kỳ trước 0.",
        "3 xong, 3 phải quay lại, 0 không gặp.",
        "Số có dưới 5 lượt không hiện.",
    ):
        assert words in said([reply])
    [shown] = [block for block in reply.blocks if isinstance(block, Attached)]
    content = await talk.store.read(attachments.load, shown.attachment)
    assert content is not None
    assert (shown.picture, content.mime) == (True, "image/png")
    assert reply.choices[0].link == f"https://motcua.example/ban-lam-viec/{CENTER}/so-lieu"


async def test_a_paper_is_named_once_whatever_was_wrong_with_it(store: Store, house: Premises) -> None:
    talk, day = Talk(store, house), CenterDay(store.engine)
    day.sit(1, staff=99)
    for number, name in enumerate(("lan", "mai", "hoa", "cuc", "dao", "hue")):
        day.walk_in(name, procedure="1.000656")
        paper = visits.Missing("death_notice", "Giấy báo tử", "outdated" if number % 2 else "missing")
        day.do(queue.finish, day.called(), "papers_missing", actor="staff:99", missing=[paper])
    await connect(talk, "lead")
    assert "Hay thiếu nhất: giấy báo tử (6)." in said(await talk.say("thống kê tuần này"))


async def test_the_picture_is_drawn_while_nothing_is_being_written_and_shows_what_the_lines_say(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await connect(talk, "lead")
    drawn: list[tuple[str, Picture]] = []
    draw, day = statistics_picture.draw, CenterDay(talk.store.engine)

    def noted(picture: Picture) -> bytes:
        drawn.append((threading.current_thread().name, picture))
        if len(drawn) == 1:
            day.walk_in("muon", procedure="1.000656")
            day.finish(day.called())
        return draw(picture)

    monkeypatch.setattr(statistics_picture, "draw", noted)
    [reply] = await talk.say("thống kê tuần này")
    assert not [thread for thread, _ in drawn if thread.startswith("writer")]
    assert [picture.tiles[0].value for _, picture in drawn] == ["6"]
    assert "6 lượt, kỳ trước 0." in said([reply]), "the visit that ended meanwhile is in neither"


async def test_the_figures_are_added_up_while_nothing_is_being_written(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await connect(talk, "lead")
    there: set[str] = set()
    sums = figures.sums

    def noted(session: Session, scope: Scope) -> Sums:
        there.add(threading.current_thread().name.partition("_")[0])
        return sums(session, scope)

    monkeypatch.setattr(figures, "sums", noted)
    await talk.say("thống kê tuần này")
    assert there == {"reader"}


async def test_figures_that_are_still_being_counted_anew_say_so(talk: Talk) -> None:
    await connect(talk, "lead")
    assert "đang đếm lại" not in said(await talk.say("thống kê tuần này"))
    await talk.store.write(lambda session: session.execute(upsert.table(Recount).insert().values(name="figures")))
    assert "đang đếm lại số liệu sau lần nâng cấp" in said(await talk.say("thống kê tuần này"))


async def test_old_pictures_are_not_kept(talk: Talk) -> None:
    await connect(talk, "lead")
    [reply] = await talk.say("thống kê tuần này")
    [shown] = [block for block in reply.blocks if isinstance(block, Attached)]
    talk.now += dt.timedelta(days=8)
    await talk.say("thống kê tuần trước")
    assert await talk.store.read(attachments.load, shown.attachment) is None


async def test_a_period_without_visits_has_no_picture_and_a_strange_one_is_asked_back(talk: Talk) -> None:
    await connect(talk, "manager")
    [reply] = await talk.say("thống kê tháng trước")
    assert "Kỳ này chưa có lượt nào được ghi." in said([reply])
    assert len(reply.blocks) == 1
    assert "Gõ: thống kê tuần này" in said(await talk.say("thống kê hôm nào đó"))


@pytest.mark.parametrize("role", [None, "clerk"])
async def test_nobody_else_gets_a_figure(talk: Talk, role: Role | None) -> None:
    if role is not None:
        await connect(talk, role)
    replies = await talk.say("thống kê tuần này")
    assert "6 lượt" not in said(replies)
    assert not [block for reply in replies for block in reply.blocks if isinstance(block, Attached)]


@pytest.mark.parametrize(("typed", "bars"), [("hôm nay", 7), ("tuần này", 7), ("tháng 10", 5), ("quý 3", 14), ("2025", 12)])
def test_a_picture_has_few_enough_bars_for_a_phone_and_they_cover_the_period(typed: str, bars: int) -> None:
    period = periods.read(typed, dt.date(2026, 11, 23))
    assert period is not None
    _, parts = statistics._parts(period)
    assert len(parts) == bars
    assert parts[-1][2] == period.last
    assert all(after[1] - before[2] == dt.timedelta(days=1) for before, after in itertools.pairwise(parts))


def test_numbers_above_bars_that_stand_close_are_in_two_lines_and_days_to_come_have_none() -> None:
    bars = (Bar("T2", 1564, 81), Bar("T3", 0, 0), Bar("T4", 0, 0, ahead=True))
    assert [statistics_picture._said(bar, narrow=True) for bar in bars] == [["1.564", "/ 81"], ["0"], []]
    assert statistics_picture._said(bars[0], narrow=False) == ["1.564 / 81"]


def test_the_picture_is_as_wide_as_a_phone_wants_and_its_font_has_every_mark() -> None:
    tiles = (Tile("1.096", "lượt đến", "kỳ trước 980"),) * 4
    drawn = statistics_picture.draw(Picture("Xã Ẩn Ặ", tiles, "Mỗi ngày", (Bar("T2", 0, 0), Bar("T3", 9, 9)), ("đến", "quay lại"), "Một Cửa"))
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.width, image.height < 1.5 * image.width) == (1080, True)
    font = ImageFont.truetype(str(statistics_picture.FONTS / "DejaVuSans-Bold.ttf"), 40)
    nothing = bytes(font.getmask("\U0010ffff"))
    letters = {letter for key, words in texts.sentences().items() if key.startswith("statistics.") for letter in words if letter.isalpha()}
    assert [letter for letter in sorted(letters | set("ẨẶĐựỹ")) if bytes(font.getmask(letter)) == nothing] == []
