"""Where to go: hours now, the way, the nearest center; where somebody is is not kept."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import centers
from bot.domain.centers import Center, Directory, Position
from bot.messages import Incoming, Reply
from tests.fakes import NOON, Talk
from tests.handlers.conftest import ONE_DATABASE
from tests.handlers.test_interview import SECOND

pytestmark = ONE_DATABASE

HERE = (10.78, 106.70)
SAMPLE = centers.read(None)[0]
FAR = "Cách chỗ anh/chị khoảng"


def placed(name: str, lat: float, lon: float, **also: str) -> Center:
    return SAMPLE.model_copy(update={"id": name, "name": f"Trung tâm {name}", "map": Position(lat=lat, lon=lon), **also})


NEAR = placed("Tân Định", 10.79, 106.69, phone="028 1234", commune="26737")
OTHERS = [placed("Thủ Đức", 10.85, 106.77), placed("Cần Giờ", 10.41, 106.95), placed("Củ Chi", 11.0, 106.5)]


@pytest.fixture
def many(talk: Talk) -> Talk:
    """An installation that serves several communes; the first of them has no place on the map."""
    talk.dispatcher.premises = dataclasses.replace(talk.dispatcher.premises, directory=Directory([SAMPLE, *OTHERS, NEAR]))
    return talk


async def test_the_three_nearest_centers_are_shown_nearest_first(many: Talk) -> None:
    (reply,) = await many.say(kind="location", place=HERE)
    assert titles(reply) == ["Trung tâm Tân Định", "Trung tâm Thủ Đức", "Trung tâm Củ Chi"]
    said = await many.read(kind="location", place=HERE)
    for fact in ("khoảng 1,6\u00a0km", "Nghỉ trưa, mở lại 13:30.", "Điện thoại: 028 1234.", "Địa chỉ: Số 12", "query=10.79%2C106.69", "đã không lưu"):
        assert fact in said


async def test_the_hours_said_are_those_of_the_moment(many: Talk) -> None:
    many.now = NOON + dt.timedelta(days=1)
    assert "Hôm nay nghỉ lễ, mở lại thứ Tư 25/11 lúc 7:30." in await many.read(kind="location", place=HERE)


async def test_without_a_place_on_the_map_the_center_of_the_house_is_shown(talk: Talk) -> None:
    (reply,) = await talk.say(kind="location", place=HERE)
    assert titles(reply) == [SAMPLE.name]
    assert FAR not in await talk.read(kind="location", place=HERE)


async def test_a_place_that_could_not_be_read_still_shows_the_center(many: Talk) -> None:
    (reply,) = await many.say(kind="location")
    assert titles(reply) == [SAMPLE.name]


async def test_the_interview_goes_on_after_a_place(many: Talk) -> None:
    await many.say("ba em mới mất")
    assert "1. Có giấy báo tử" in await many.read(kind="location", place=HERE)
    assert SECOND in await many.read("1")


async def test_where_somebody_is_is_not_kept(many: Talk) -> None:
    await many.say(kind="location", place=HERE)
    assert await kept(many.store) == [None]


async def test_where_somebody_is_is_not_kept_of_a_message_that_failed_either(many: Talk) -> None:
    many.dispatcher.premises = dataclasses.replace(many.dispatcher.premises, directory=None)  # type: ignore[arg-type]
    assert "E-" in await many.read(kind="location", place=HERE)
    assert await kept(many.store) == [None]


async def kept(store: Store) -> list[tuple[float, float] | None]:
    def places(session: Session) -> list[str]:
        return list(session.execute(select(col(Inbox.body))).scalars())

    return [Incoming.model_validate_json(body).place for body in await store.read(places)]


@pytest.mark.parametrize("said", ["gặp cán bộ", "giờ làm việc", "trung tâm ở đâu", "hôm nay có làm không", "Địa chỉ"])
async def test_who_asks_for_the_center_is_told_its_hours_now_and_the_way(talk: Talk, said: str) -> None:
    (reply,) = await talk.say(said)
    shown = await talk.read(said)
    for fact in (SAMPLE.address, "Nghỉ trưa, mở lại 13:30.", SAMPLE.hours, "Mang theo danh sách"):
        assert fact in shown
    assert [choice.link for choice in reply.choices if choice.label == "Xem đường đi trên bản đồ"] == [centers.map_link(SAMPLE)]


async def test_a_commune_that_is_served_here_shows_its_center(many: Talk) -> None:
    await many.say("tra xã cũ")
    said = await many.read("phường Tân Định, quận 1")
    for fact in ("Phường Tân Định đến làm giấy tờ ở đây.", "Trung tâm Tân Định", "Nghỉ trưa", "1. Xem đường đi trên bản đồ"):
        assert fact in said


async def test_a_commune_that_is_served_elsewhere_shows_none(many: Talk) -> None:
    await many.say("tra xã cũ")
    said = await many.read("tam hiệp phúc thọ")
    assert "nay thuộc xã Hát Môn" in said
    assert "đến làm giấy tờ ở đây" not in said


def titles(reply: Reply) -> list[str]:
    return [block.title for block in reply.blocks if block.kind == "state"]
