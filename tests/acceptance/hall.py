"""The hall of a busy center: people, kiosks they press, clerks who call them. Everything over HTTP, through the pages as they are."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field

import httpx

from bot.console.desk import HOME
from bot.domain import devices, staff
from bot.domain.counters import Desk, Group
from tests.acceptance.town import Browser, Seen, Town


@dataclass
class Person:
    """`plan`: what comes of each time at a counter, the last one for good. `wanders`: minutes until who missed the call comes back, 0 for never."""

    name: str
    letter: str
    plan: list[str]
    minutes: list[float]
    priority: str = ""
    wanders: float | None = None
    returns: float = 0
    ticket: str = ""
    code: str = ""
    token: str = ""
    numbers: set[str] = field(default_factory=set)


class Kiosk:
    """One screen in the hall: people stand at it one after the other."""

    def __init__(self, hall: Hall, token: str) -> None:
        self.home, self._hall = f"/ki-ot/{token}", hall
        self._browser, self._free = Browser(hall.town), asyncio.Lock()

    async def take(self, person: Person, *, twice: bool = False) -> None:
        """A number; who presses twice gets the same one."""
        async with self._free:
            await self._browser.again(lambda: self._browser.get(self.home))
            await self._browser.again(lambda: self._browser.get(f"{self.home}/lay-so"))
            await self._browser.again(lambda: self._take(person, twice=twice))
            await self._leave()

    async def _take(self, person: Person, *, twice: bool) -> None:
        group = str(self._hall.groups[person.letter].id)
        page = await self._browser.get(f"{self.home}/lay-so?nhom={group}")
        fields = {"ma": page.find(r'name="ma" value="([^"]+)"'), "nhom": group, "uu_tien": person.priority}
        for slip in await asyncio.gather(*(self._browser.post(f"{self.home}/lay-so", **fields) for _ in range(1 + twice))):
            self._read(slip, person)

    async def check_in(self, person: Person) -> None:
        """With the code of a booking, or of a number held before."""
        async with self._free:
            await self._browser.again(lambda: self._browser.get(f"{self.home}/co-hen"))
            await self._browser.again(lambda: self._check_in(person))
            await self._leave()

    async def _check_in(self, person: Person) -> None:
        self._read(await self._browser.post(f"{self.home}/co-hen", so=person.code, uu_tien=person.priority), person)

    async def _leave(self) -> None:
        start = await self._browser.again(lambda: self._browser.post(f"{self.home}/xong"))
        assert start.path == self.home

    def _read(self, slip: Seen, person: Person) -> None:
        assert slip.path.endswith("/phieu"), (person, slip.path, slip.status)
        person.ticket = slip.find(r"plate--xl[^>]*>([A-Z]\d{3})<")
        person.code = slip.find(r"Mã (\d{3} \d{3})").replace(" ", "") or person.code
        person.numbers.add(person.ticket)
        self._hall.people[person.ticket] = person
        assert person.ticket
        assert person.code


class Hall:
    """Where everybody meets: kiosks, desks, and who holds which number."""

    def __init__(self, town: Town, center: str, groups: list[Group], desks: list[Desk]) -> None:
        self.town, self.center = town, center
        self.groups = {group.letter: group for group in groups}
        self.desks = {desk.number: desk for desk in desks}
        self.kiosks: list[Kiosk] = []
        self.people: dict[str, Person] = {}

    async def furnish(self, kiosks: int) -> None:
        for number in range(kiosks):
            _, token = await self.town.do(devices.create, self.center, f"Cửa {number + 1}", now=self.town.now)
            self.kiosks.append(Kiosk(self, token))

    async def walks_in(self, person: Person, comes: dt.datetime, *, twice: bool = False) -> None:
        await self.town.until(comes)
        await self._kiosk(person).take(person, twice=twice)

    async def checks_in(self, person: Person, comes: dt.datetime) -> None:
        await self.town.until(comes)
        await self._kiosk(person).check_in(person)

    def _kiosk(self, person: Person) -> Kiosk:
        return self.kiosks[sum(map(ord, person.name)) % len(self.kiosks)]

    def sent_away(self, person: Person, minutes: float) -> None:
        """They come back by themselves, show their code, and are called again; after 0 minutes never."""
        if minutes:
            self.town.begin(self.checks_in(person, self.town.now + dt.timedelta(minutes=minutes)))


class Clerk:
    """Somebody with a browser at a counter. What they do next depends on what the page shows, so it does not matter when it broke."""

    def __init__(self, hall: Hall, name: str) -> None:
        self.hall, self.town, self.name = hall, hall.town, name
        self.path = f"{HOME}/{hall.center}/quay"
        self.browser = Browser(self.town)
        self.id = 0
        self.page: Seen

    async def signs_in(self, role: str = "clerk") -> None:
        self.id = await self.town.do(staff.create, self.name, self.hall.center, role, now=self.town.now)
        link = await self.town.do(staff.link, self.id, "sign_in", now=self.town.now)
        self.page = await self.browser.post(f"{HOME}/vao/{link}")
        assert self.page.path.startswith(f"{HOME}/{self.hall.center}"), self.page.path

    async def sits_down(self, number: int, instead: int = 0) -> None:
        async def sit() -> None:
            page = await self.browser.get(self.path)
            if f"Quầy {number}, {self.name}" not in page.html:
                await self._post(page, viec="ngoi", quay=str(self.hall.desks[number].id), **({"thay": str(instead)} if instead else {}))

        await self.browser.again(sit)
        await self._look()
        assert f"Quầy {number}, {self.name}" in self.page.html

    async def _look(self) -> None:
        self.page = await self.browser.again(lambda: self.browser.get(self.path))

    async def _post(self, page: Seen, **fields: str) -> Seen:
        return await self.browser.post(self.path, ma=page.find(r'name="ma" value="([^"]+)"'), **fields)

    async def presses(self, **fields: str) -> None:
        """Once. After a broken connection the page is looked at again: if it shows something else, it had gone through."""
        before = _face(self.page)
        try:
            self.page = await self._post(self.page, **fields)
        except httpx.TransportError:
            await self.town.service.up()
            await self._look()
            if _face(self.page) == before:
                await self.presses(**fields)
        assert self.page.status in (200, 409), (fields, self.page.status)

    @property
    def ticket(self) -> str:
        """Who stands at the counter."""
        return _face(self.page)[0]

    async def gives_number(self, person: Person) -> None:
        """To somebody who does not get along with the kiosk."""
        await self._look()
        self.page = await self._post(self.page, viec="lay-so", nhom=str(self.hall.groups[person.letter].id), uu_tien=person.priority)
        person.ticket = self.page.find(r"Đã phát số ([A-Z]\d{3})")
        assert person.ticket
        person.numbers.add(person.ticket)
        self.hall.people[person.ticket] = person

    async def ends_day(self, day: dt.date) -> None:
        path = f"{HOME}/{self.hall.center}/ngay"
        page = await self.browser.get(path)
        page = await self.browser.post(path, ma=page.find(r'name="ma" value="([^"]+)"'), viec="ket-thuc", ngay=day.isoformat())
        assert page.status == 200, page.status
        assert "ket-thuc" in page.query, page.path

    async def _holder(self, ticket: str) -> Person:
        """Who has this number: whoever lost the answer to a kill learns it only when they press again."""
        for _ in range(1000):
            if ticket in self.hall.people:
                break
            await asyncio.sleep(0.01)
        return self.hall.people[ticket]

    async def works(self, ends: dt.datetime, *, leaves: dt.datetime | None = None) -> None:
        """Call and serve until then; who `leaves` goes with somebody at the counter, and does not stand up."""
        await self._look()
        while True:
            ticket, called = _face(self.page)
            if not ticket and self.town.now >= ends:
                return
            if leaves is not None and ticket and not called and self.town.now >= leaves:
                return
            if not ticket and "qitem--next" in self.page.html:
                await self.presses(viec="goi")
            elif not ticket:
                await self.town.wait(1)
                await self._look()
            elif called:
                await self._receives(await self._holder(ticket))
            else:
                await self._serves(await self._holder(ticket), ends, leaves)

    async def _receives(self, person: Person) -> None:
        await self.town.wait(0.5)
        if person.wanders is None:
            await self.presses(viec="den", so=self._number)
            return
        await self.presses(viec="goi-lai", so=self._number)
        await self.town.wait(1)
        await self.presses(viec="vang", so=self._number)
        minutes, person.wanders = person.wanders, None
        self.hall.sent_away(person, minutes)

    @property
    def _number(self) -> str:
        return self.page.find(r'name="so" value="(\d+)"')

    async def _serves(self, person: Person, ends: dt.datetime, leaves: dt.datetime | None) -> None:
        await self.town.wait(person.minutes[0])
        if leaves is not None and self.town.now >= leaves:
            return
        outcome = person.plan[0]
        if outcome == "park":
            await self.presses(viec="tam-de", so=self._number)
            back = 10.0
        else:
            await self.presses(xong="tiep" if self.town.now < ends else "nghi", so=self._number, **self._outcome(person, outcome))
            back = person.returns if outcome == "papers_missing" else 0
        del person.plan[:1], person.minutes[:1]
        self.hall.sent_away(person, back)

    def _outcome(self, person: Person, outcome: str) -> dict[str, str]:
        if outcome == "papers_missing":
            paper = self.page.find(r'name="thieu" value="([^"]+)"')
            return {"kq": "2", **({"thieu": paper} if paper else {"thieu_khac": "bản chính giấy khai sinh"})}
        if outcome.startswith("transfer"):
            return {"kq": "4", "chuyen": str(self.hall.groups[outcome[-1]].id)}
        return {"kq": {"accepted": "1", "done_now": "3", "wrong_place": "5", "other": "6"}[outcome]}


def _face(page: Seen) -> tuple[str, bool]:
    """Who stands at the counter, and whether they are only called."""
    return page.find(r'serve__head">\s*<span class="plate plate--now">([A-Z]\d{3})<'), 'value="vang"' in page.html
