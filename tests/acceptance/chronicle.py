"""The whole story of a busy day, by chance but always the same: who books, who comes when, what becomes of them, and when the service is killed."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from bot import clock
from bot.console.desk import HOME
from bot.domain import counters, visits
from tests.acceptance.bookers import Booker
from tests.acceptance.hall import Clerk, Hall, Person
from tests.acceptance.town import Browser, Town

CENTER = "an-phu"
DAY, NEXT_DAY = dt.date(2026, 11, 25), dt.date(2026, 11, 26)
SEATS, SLOTS = {"A": 3, "B": 2, "C": 2, "D": 1}, 15
SERVES = {1: "A", 2: "A", 3: "B", 4: "C", 5: "BD", 6: "CD", 7: "D"}
MINUTES = {"A": 6.5, "B": 8.5, "C": 9.0, "D": 7.5}
WALK_INS = {"A": 70, "B": 35, "C": 35, "D": 60}
WAITERS, UNLUCKY, MOVERS, GIVE_UP, LATE, NO_SHOWS, AT_THE_DESK = 8, 2, 6, 3, 5, 12, 12
KILLS = ("8:20", "14:12")
LEAVES = 2  # the counter whose clerk goes without standing up
PLAN = {
    "id": CENTER, "name": "Trung tâm Phục vụ hành chính công An Phú", "place": "xã An Phú", "address": "Số 12 đường Lúa Vàng",
    "week": {"mon-fri": "7:30-11:30, 13:30-17:00"},
    "groups": [
        {"letter": "A", "name": "Hộ tịch, chứng thực", "seats": SEATS["A"], "fields": ["ho-tich", "chung-thuc"]},
        {"letter": "B", "name": "Trợ cấp, người có công", "seats": SEATS["B"], "fields": ["bao-tro-xa-hoi", "nguoi-co-cong"]},
        {"letter": "C", "name": "Đất đai, xây dựng", "seats": SEATS["C"], "fields": ["dat-dai", "xay-dung"]},
        {"letter": "D", "name": "Việc khác", "seats": SEATS["D"]},
    ],
    "counters": [{"number": number, "serves": list(letters)} for number, letters in SERVES.items()],
}  # fmt: skip


def at(hour: str, day: dt.date = DAY) -> dt.datetime:
    hours, _, minutes = hour.partition(":")
    return dt.datetime.combine(day, dt.time(int(hours), int(minutes)), clock.VIETNAM).astimezone(dt.UTC)


@dataclass
class Kept:
    """A booking, and the browser it was made with."""

    person: Person
    booker: Booker


@dataclass
class Told:
    """What the story itself knows, to be compared with what the database says. `seconds`: how long a page took in the middle of the day."""

    kept: list[Kept] = field(default_factory=list)
    waiting: list[Kept] = field(default_factory=list)
    walk_ins: list[Person] = field(default_factory=list)
    absent: list[Person] = field(default_factory=list)
    moved_away: int = 0
    cancelled: int = 0
    given_up: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    handed_on: str = ""
    exit: int = -1

    @property
    def came(self) -> list[Person]:
        """Everybody who holds a number."""
        return [person for person in (*(one.person for one in self.kept), *self.walk_ins) if person.ticket]


class Chronicle:
    def __init__(self, town: Town) -> None:
        self.town, self.chance, self.told = town, random.Random(20261125), Told()
        self.hall: Hall
        self._names = iter(range(1, 1000))
        self._gone: Clerk | None = None

    async def tell(self) -> None:
        """From the first booking to the end of the day."""
        self.town.turn(at("9:00", dt.date(2026, 11, 18)))
        self.town.service.start()
        await self.town.service.up()
        groups, desks = await self.town.do(counters.groups, CENTER), await self.town.do(counters.counters, CENTER)
        self.hall = Hall(self.town, CENTER, groups, desks)
        await self.days_before()
        await self.day()
        await asyncio.sleep(1)  # what was said last is on its way
        self.told.exit = self.town.service.end()

    # the days before

    async def days_before(self) -> None:
        """All seats are taken, some are moved; then others wait for what gets free."""
        wanted = [letter for letter, seats in SEATS.items() for _ in range(seats * SLOTS)]
        self.chance.shuffle(wanted)
        await self._book(wanted[:100])
        await self._move_some()
        while missing := self._seats_left():
            await self._book(missing)
        for letter in self.chance.choices("AABCD", k=WAITERS):
            await self._books(letter)
        await self._cancel_some()

    def _seats_left(self) -> list[str]:
        taken = Counter(one.person.letter for one in self.told.kept)
        return [letter for letter, seats in SEATS.items() for _ in range(seats * SLOTS - taken[letter])]

    async def _book(self, letters: list[str]) -> None:
        """A few people at once, as it happens; now and then one for a whole group."""
        for first in range(0, len(letters), 4):
            some = letters[first : first + 4]
            if self.chance.random() < 0.15:
                await self._books_for_others(some)
            else:
                await asyncio.gather(*map(self._books, some))
            self.town.turn(self.town.now + dt.timedelta(minutes=self.chance.randint(1, 60)))

    async def _books(self, letter: str) -> None:
        kept = Kept(self._person(letter), Booker(self.town, DAY))
        chat = letter in "AD" and self.chance.random() < 0.4
        found = self.told.kept if await kept.booker.books(kept.person, self._hour(), chat=chat) else self.told.waiting
        found.append(kept)

    async def _books_for_others(self, letters: list[str]) -> None:
        booker = Booker(self.town, DAY)
        for number, letter in enumerate(letters):
            kept = Kept(self._person(letter), booker)
            if await booker.books(kept.person, self._hour(), "volunteer" if number else ""):
                self.told.kept.append(kept)

    def _hour(self) -> str:
        """Most want to come early."""
        return f"{self.chance.choice((7, 8, 8, 9, 9, 10, 13, 14, 15)):02}:{self.chance.choice((0, 30)):02}"

    async def _move_some(self) -> None:
        for number, kept in enumerate(self.chance.sample(self.told.kept, MOVERS)):
            away = number % 2 == 1
            await kept.booker.moves(kept.person, NEXT_DAY if away else DAY, self.chance)
            if away:
                self.told.kept.remove(kept)
                self.told.moved_away += 1

    async def _cancel_some(self) -> None:
        """Each seat given up goes to the first who waits for one of that group."""
        for waiter in self.told.waiting[:-UNLUCKY]:
            gives_up = next(one for one in self.told.kept if one.person.letter == waiter.person.letter)
            self.told.kept.remove(gives_up)
            await gives_up.booker.cancels(gives_up.person)
            self.told.cancelled += 1
        for waiter in list(self.told.waiting):
            if await waiter.booker.takes_offer(waiter.person):
                self.told.waiting.remove(waiter)
                self.told.kept.append(waiter)

    # people

    def _person(self, letter: str) -> Person:
        """Somebody and what will become of them."""
        chance, mean = self.chance, MINUTES[letter]
        first = min(25.0, max(2.0, round(chance.gauss(mean, mean * 0.35) * 2) / 2))
        person = Person(f"p{next(self._names)}", letter, ["accepted"], [first, 4.0, 4.0])
        person.priority = chance.choice(("elderly", "pregnant", "disabled")) if chance.random() < 0.08 else ""
        match chance.random():
            case drawn if drawn < 0.10:
                person.plan, person.returns = ["papers_missing", "accepted"], chance.choice((0, 35, 50, 70))
            case drawn if drawn < 0.13:
                person.plan = ["park", "accepted"]
            case drawn if drawn < 0.17:
                person.plan = [f"transfer{chance.choice([other for other in SEATS if other != letter])}", "accepted"]
            case drawn if drawn < 0.33:
                person.plan = [chance.choice(("wrong_place", "done_now", "done_now", "other"))]
        if chance.random() < 0.08:
            person.wanders = chance.choice((0.0, 12.0, 12.0, 25.0))
        return person

    # the day

    async def day(self) -> None:
        for moment in (at("19:05", DAY - dt.timedelta(days=1)), at("6:30")):  # reminders are made, one with the evening before
            self.town.turn(moment)
            await asyncio.sleep(1)
        await self.hall.furnish(kiosks=2)
        await self._those_who_booked()
        self._those_who_just_come()
        for number in SERVES:
            self.town.begin(self._works(number))
        self.town.begin(self._takes_over())
        self.town.begin(self._leads())
        self.town.begin(self._looks())
        for hour in KILLS:
            self.town.begin(self._kills(hour))
        await self.town.live()

    async def _those_who_booked(self) -> None:
        by_token = {visit.token: visit for visit in await self.town.do(visits.of_day, CENTER, DAY)}
        chosen = self.chance.sample(self.told.kept, NO_SHOWS + GIVE_UP + LATE)
        self.told.absent = [one.person for one in chosen[:NO_SHOWS]]
        for kept in self.told.kept:
            starts_at = by_token[kept.person.token].starts_at
            assert starts_at is not None
            if kept in chosen[:NO_SHOWS]:
                continue
            if kept in chosen[NO_SHOWS : NO_SHOWS + GIVE_UP]:
                self.town.begin(self._gives_up(kept))
            elif kept in chosen:
                self.town.begin(self._is_late(kept, starts_at))
            else:
                early = max(-28.0, min(45.0, self.chance.gauss(9, 9)))
                self.town.begin(self._comes(kept, max(at("7:15"), starts_at - dt.timedelta(minutes=round(early)))))

    async def _comes(self, kept: Kept, moment: dt.datetime) -> None:
        """And looks at the ticket's page while waiting."""
        await self.hall.checks_in(kept.person, moment)
        phone = Browser(self.town)
        await self.town.wait(5)
        page = await phone.again(lambda: phone.get(f"/phieu/{kept.person.token}"))
        assert page.status == 200

    async def _gives_up(self, kept: Kept) -> None:
        await self.town.until(at("7:16"))
        await kept.booker.cancels(kept.person)
        self.told.kept.remove(kept)
        self.told.given_up += 1

    async def _is_late(self, kept: Kept, starts_at: dt.datetime) -> None:
        await self.town.until(starts_at - dt.timedelta(minutes=15))
        await kept.booker.is_late(kept.person, 20)
        await self.hall.checks_in(kept.person, starts_at + dt.timedelta(minutes=17))

    def _those_who_just_come(self) -> None:
        letters = [letter for letter, count in WALK_INS.items() for _ in range(count)]
        self.chance.shuffle(letters)
        for number, letter in enumerate(letters):
            person = self._person(letter)
            self.told.walk_ins.append(person)
            if number >= AT_THE_DESK:
                self.town.begin(self.hall.walks_in(person, self._moment(number), twice=self.chance.random() < 0.06))
            else:  # has no code, so nothing happens that needs one
                person.plan, person.wanders = ["accepted"], None

    def _moment(self, number: int) -> dt.datetime:
        """Most come in the morning; two buses bring several at once."""
        if number % 16 == 0:
            return at(KILLS[number // 16 % 2])
        opens, closes = self.chance.choice((("7:15", "9:30"), ("7:15", "9:30"), ("9:00", "11:20"), ("13:15", "15:00"), ("14:30", "16:55")))
        minutes = (at(closes) - at(opens)).total_seconds() / 60
        return at(opens) + dt.timedelta(minutes=self.chance.randint(0, int(minutes)))

    # staff

    async def _works(self, number: int) -> None:
        clerk = Clerk(self.hall, f"chị Quầy {number}")
        await self.town.until(at("7:20"))
        await clerk.signs_in()
        await clerk.sits_down(number)
        await self.town.until(at("7:30"))
        await clerk.works(at("11:30"), leaves=at("11:08") if number == LEAVES else None)
        if number == LEAVES:
            self._gone = clerk
            return
        await self.town.until(at("13:30"))
        await clerk.works(at("17:00"))

    async def _takes_over(self) -> None:
        """A colleague sits down in place of the one who went; the visit that stands there goes on."""
        clerk = Clerk(self.hall, "anh Tùng")
        await self.town.until(at("11:10"))
        await clerk.signs_in()
        while self._gone is None:
            await self.town.wait(1)
        await clerk.sits_down(LEAVES, instead=self._gone.id)
        self.told.handed_on = clerk.ticket
        await clerk.works(at("11:30"))
        await self.town.until(at("13:30"))
        await clerk.works(at("17:00"))

    async def _leads(self) -> None:
        """Gives numbers to those who do not get along with the kiosk, and ends the day."""
        lead = Clerk(self.hall, "chị Trưởng")
        await self.town.until(at("7:18"))
        await lead.signs_in("lead")
        for number, person in enumerate(self.told.walk_ins[:AT_THE_DESK]):
            await self.town.until(at("8:30") + dt.timedelta(minutes=11 * number))
            await lead.gives_number(person)
        await self.town.until(at("17:25"))
        await lead.ends_day(DAY)

    async def _looks(self) -> None:
        """The three pages somebody looks at all the time, in the middle of the morning."""
        auditor = Clerk(self.hall, "bà Xem")
        await self.town.until(at("8:45"))
        await auditor.signs_in("auditor")
        await self.town.until(at("8:47"))
        token = self.told.kept[0].person.token
        for path in (f"/phieu/{token}", f"/bang/{CENTER}", f"{HOME}/{CENTER}/quay"):
            self.told.seconds[path.replace(token, "…")] = min([await self._seconds(auditor.browser, path) for _ in range(3)])

    async def _seconds(self, browser: Browser, path: str) -> float:
        began = time.monotonic()
        assert (await browser.get(path)).status == 200
        return time.monotonic() - began

    async def _kills(self, hour: str) -> None:
        """In the middle of several requests: a bus has just come, and people look at their tickets."""
        await self.town.until(at(hour))
        for kept in self.told.kept[:8]:
            self.town.begin(self._looks_at(kept))
        await self.town.crowded.wait()
        self.town.service.kill()
        self.town.service.start()

    async def _looks_at(self, kept: Kept) -> None:
        phone = Browser(self.town)
        page = await phone.again(lambda: phone.get(f"/phieu/{kept.person.token}"))
        assert page.status == 200
