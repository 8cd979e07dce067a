"""People who book a time before the day: on the page or in the chat, for themselves or somebody else, and who then move, wait or give up."""

from __future__ import annotations

import datetime as dt
import random
import re

import httpx

from bot import clock
from tests.acceptance.hall import Person
from tests.acceptance.town import Town
from tests.channels.webchat.visitor import Form, Page, Visitor

PAGE = "/dat-lich"
NOON, MOST_TURNS = 12 * 60, 8
LISTS = {"A": "sao y bản chính", "D": ""}


class Booker:
    """Somebody with a browser of their own, who may book for several people. `waits`: on the list of the full day."""

    def __init__(self, town: Town, day: dt.date) -> None:
        self.town, self.day = town, day
        self.visitor = Visitor(town.client())
        self.waits = False

    async def books(self, person: Person, hour: str, behalf: str = "", *, chat: bool = False) -> bool:
        """The free time nearest to `hour`; on a full day a place on the waiting list. True when it is booked."""
        self.waits = not await (self._in_chat(person, hour) if chat else self._on_page(person, hour, behalf))
        return not self.waits

    async def _on_page(self, person: Person, hour: str, behalf: str) -> bool:
        wanted = f"{PAGE}?nhom={person.letter}&ngay={self.day}"
        while True:
            page = await self.visitor.open(wanted)
            free = re.findall(r'name="gio" value="([^"]+)"(?! disabled)', page.html)
            form = next((form for form in page.forms if form.action == PAGE), None)
            assert form is not None, page.text
            if not free:
                await self.visitor.send(form, [*_kept(form), ("cho", str(self.day))])
                return False
            chosen = min(free, key=lambda value: abs(_minutes(value) - _minutes(hour)))
            page = await self.visitor.send(form, [*_kept(form), ("gio", chosen), ("ai", behalf)])
            if page.answer.url.path.startswith("/phieu/"):
                break
            assert page.status == 409, page.text
        await self.visitor.press("Xác nhận lịch hẹn")
        self._read(person)
        return True

    def _read(self, person: Person) -> None:
        page = self.visitor.page
        assert "Đã đặt lịch." in page.text, page.text
        person.token = page.answer.url.path.rsplit("/", 1)[1]
        person.code = _code(page.html)

    async def _in_chat(self, person: Person, hour: str) -> bool:
        await self.visitor.open()
        if LISTS[person.letter]:
            await self.visitor.say(LISTS[person.letter])
            page = await self.visitor.press("Đặt lịch đến nộp")
        else:
            page = await self.visitor.say("đặt lịch")
        assert "Anh/chị đến ngày nào?" in page.text, page.text
        page = await self.visitor.say(f"{self.day.day}/{self.day.month} lúc {hour}")
        for _ in range(MOST_TURNS):
            said = _newest(page.text)
            hours = [label for label in _choices(page) if re.match(r"(\d+ )?\d\d:\d\d(?! thứ)", label)]
            if "Đang giữ chỗ cho anh/chị" in said:
                await self.visitor.press("Đặt giờ này")
                await self._opens_ticket(person)
                return True
            if "buổi nào?" in said:  # no time begins at that hour
                page = await self.visitor.press("Buổi sáng" if _minutes(hour) < NOON else "Buổi chiều")
            elif hours:
                page = await self.visitor.press(hours[0])
            else:
                await self.visitor.press(f"Chờ chỗ trống {clock.day(self.day)}")
                return False
        raise AssertionError(_newest(page.text))

    async def _opens_ticket(self, person: Person) -> None:
        tokens = re.findall(r"/phieu/([\w-]{16})", self.visitor.page.html)
        person.token = tokens[-1]
        person.code = _code((await self.visitor.open(f"/phieu/{person.token}")).html)

    async def takes_offer(self, person: Person) -> bool:
        """A seat got free and is kept for them: it stands in their conversation."""
        page = await self.visitor.open()
        if "Nhận chỗ này" not in page.text:
            return False
        page = await self.visitor.press("Nhận chỗ này")
        assert "Đã đặt lịch" in page.text, page.text
        await self._opens_ticket(person)
        self.waits = False
        return True

    async def moves(self, person: Person, day: dt.date, chance: random.Random) -> None:
        """To any free time of that day."""
        page = await self.visitor.open(f"{PAGE}?doi={person.token}&ngay={day}")
        free = re.findall(r'name="gio" value="([^"]+)"(?! disabled)', page.html)
        form = next(form for form in page.forms if form.action == PAGE)
        page = await self.visitor.send(form, [*_kept(form), ("gio", chance.choice(free))])
        assert "Đã đổi giờ." in page.text, page.text
        person.code = _code(page.html)

    async def cancels(self, person: Person) -> None:
        await self.visitor.open(f"/phieu/{person.token}/huy")
        page = await self.visitor.press("Hủy lịch này")
        assert "Lịch hẹn đã hủy" in page.text, page.text

    async def is_late(self, person: Person, minutes: int) -> None:
        answer = await self._press(person, {"viec": "tre", "phut": str(minutes)})
        assert answer.status_code == 303

    async def _press(self, person: Person, fields: dict[str, str]) -> httpx.Response:
        return await self.visitor.post(f"/phieu/{person.token}", list(fields.items()))


def _kept(form: Form) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.fields if name not in ("gio", "ai")]


def _minutes(moment: str) -> int:
    hour, minute = moment[-5:].split(":")
    return int(hour) * 60 + int(minute)


def _code(html: str) -> str:
    found = re.search(r'codecard__n nb">(\d{3} \d{3})<', html)
    assert found is not None, html
    return found[1].replace(" ", "")


def _choices(page: Page) -> list[str]:
    """The lines of the open menu."""
    return [button.label for form in page.forms for button in form.buttons if button.name == "chon"]


def _newest(text: str) -> str:
    """The last thing the bot said."""
    return text.rsplit("Một Cửa ·", 1)[-1]
