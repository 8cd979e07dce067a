"""Whatever happens at a center, in whatever order: no seat is sold twice, every ticket ends once, and the events tell the whole day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine

from bot import errors
from bot.db.columns import metadata
from bot.db.enums import AT_COUNTER, ENDED, LIVE
from bot.db.store import Store
from bot.domain import booking, closing, queue, undoing, visits, waitlist
from bot.domain.visits import Visit
from tests.center_day import CENTER, CITIZEN, MONDAY, WEDNESDAY, CenterDay, at, minutes
from tests.figures.counting import wrongs

NAMES = st.sampled_from(["lan", "mai", "hoa", "vân", "đào"])
NAMES_OR_NOBODY = st.one_of(st.just(""), NAMES)
HOURS = st.sampled_from(["8:00", "8:00", "8:30", "9:00", "13:30"])
GROUPS = st.sampled_from("AABBC")
LATER = st.sampled_from([False, False, True])
COUNTERS = st.integers(1, 3)
CLERKS = st.sampled_from(["staff:1", "staff:2"])
PRIORITIES = st.sampled_from(["", "", "", "elderly", "pregnant"])
WHICH = st.integers(0, 40)
STEPS: dict[str, Callable[..., Visit]] = {"serve": queue.serve, "recall": queue.recall, "miss": queue.miss, "park": queue.park, "back": queue.back}
WHATS = st.sampled_from(["serve", "recall", "miss", "park", "back", "transfer", "papers", "papers", "accepted", "wrong_place"])


class Act(NamedTuple):
    """A clerk does something to whoever stands at the counter, or calls the next when nobody does."""

    counter: int
    what: str
    group: str
    actor: str


ACTS = st.builds(Act, COUNTERS, WHATS, GROUPS, CLERKS)


class Wish(NamedTuple):
    """Somebody asks for a time."""

    name: str
    hour: str
    group: str
    behalf: str
    held: bool
    later: bool


WISHES = st.builds(Wish, NAMES_OR_NOBODY, HOURS, GROUPS, st.sampled_from(["", "", "relative"]), st.booleans(), LATER)


@cache
def engine() -> Engine:
    """In memory, of this thread; emptied before each example."""
    made = Store("sqlite:///:memory:").engine
    metadata.create_all(made)
    return made


def emptied() -> Engine:
    with engine().begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return engine()


@contextmanager
def may_be_refused() -> Iterator[None]:
    """CenterDay.do has seen to it that a refusal changed nothing."""
    with suppress(errors.VisitError):
        yield


class Days(RuleBasedStateMachine):
    """A Monday, and the Wednesday after it."""

    def __init__(self) -> None:
        super().__init__()
        self.day = CenterDay(emptied())
        self.rows: list[Visit] = []

    def pick(self, which: int, states: tuple[str, ...]) -> Visit | None:
        """A visit in one of the states; now and then, and when there is none, any other."""
        rows = self.rows
        fitting = [row for row in rows if row.state in states]
        found = rows if which % 10 == 9 or not fitting else fitting
        return found[which % len(found)] if found else None

    # before the day

    @initialize(
        wishes=st.lists(WISHES, min_size=3, max_size=8), names=st.lists(NAMES_OR_NOBODY, min_size=3, max_size=8), acts=st.lists(ACTS, min_size=5)
    )
    def it_is_a_busy_morning(self, wishes: list[Wish], names: list[str], acts: list[Act]) -> None:
        for wish in wishes:
            self.ask(wish)
        for number, name in enumerate(names):
            with may_be_refused():
                self.day.walk_in(name, group="AAB"[number % 3])
        self.work(acts)

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=3))
    def some_ask_for_a_time(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            self.ask(wish)
            self.nothing_is_wrong()

    def ask(self, wish: Wish) -> None:
        ask = self.day.hold if wish.held else self.day.book
        with may_be_refused():
            made = ask(wish.name, wish.hour, group=wish.group, behalf=wish.behalf if wish.name else "", day=WEDNESDAY if wish.later else None)
            assert made.seat is not None

    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        if visit := self.pick(which, ("held",)):
            with may_be_refused():
                assert self.day.confirm(visit).state == "booked"

    @rule(which=WHICH, hour=HOURS, group=GROUPS, later=LATER)
    def move(self, which: int, hour: str, group: str, later: bool) -> None:
        if visit := self.pick(which, ("booked",)):
            with may_be_refused():
                self.day.move(visit, hour, group=group, day=WEDNESDAY if later else None)

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        if visit := self.pick(which, booking.BEFORE_CALL):
            with may_be_refused():
                assert self.day.cancel(visit).seat is None

    @rule(which=WHICH, late=st.sampled_from([5, 15, 30]))
    def run_late(self, which: int, late: int) -> None:
        if visit := self.pick(which, ("booked",)):
            with may_be_refused():
                self.day.do(booking.late, visit, late, actor=CITIZEN)

    @rule(name=NAMES, group=GROUPS, later=LATER)
    def wait_for_a_seat(self, name: str, group: str, later: bool) -> None:
        with may_be_refused():
            self.day.wait_for(name, group=group, day=WEDNESDAY if later else None)

    @rule()
    def sweep(self) -> None:
        self.day.do(booking.expire)
        for offer in self.day.do(waitlist.offer):
            assert offer.visit.state == "held"

    # in the hall

    @rule(
        several=st.lists(WHICH, min_size=1, max_size=3),
        states=st.sampled_from([("booked",), ("must_return",), ("must_return", "missed", "parked")]),
        priority=PRIORITIES,
    )
    def some_come(self, several: list[int], states: tuple[str, ...], priority: str) -> None:
        for which in several:
            if visit := self.pick(which, states):
                with may_be_refused():
                    assert self.day.check_in(visit, priority=priority).ticket
            self.nothing_is_wrong()

    @rule(names=st.lists(NAMES_OR_NOBODY, min_size=1, max_size=3), group=GROUPS, priority=PRIORITIES, actor=st.sampled_from(["kiosk:1", "staff:1"]))
    def some_walk_in(self, names: list[str], group: str, priority: str, actor: str) -> None:
        for name in names:
            with may_be_refused():
                assert self.day.walk_in(name, group=group, priority=priority, actor=actor).ticket

    def call_next(self, counter: int, actor: str) -> None:
        with may_be_refused():
            called = self.day.call_next(counter, actor)
            serves = self.day.read(queue.counter, self.day.desks[counter]).serves
            left = self.day.read(queue.waiting, CENTER, self.day.today, serves)
            assert called is None or called.group_id in serves
            assert called is not None or not left, "somebody waits and nobody is called"

    @rule(which=WHICH, counter=COUNTERS, actor=CLERKS)
    def call_by_name(self, which: int, counter: int, actor: str) -> None:
        if visit := self.pick(which, ("waiting", "missed", "parked", "arrived")):
            with may_be_refused():
                assert self.day.call(visit, counter, actor).state == "called"

    @rule(acts=st.lists(ACTS, min_size=4, max_size=10))
    def clerks_work(self, acts: list[Act]) -> None:
        self.work(acts)

    def work(self, acts: list[Act]) -> None:
        for act in acts:
            there = self.day.read(queue.at_counter, self.day.desks[act.counter])
            if there is None:
                self.call_next(act.counter, act.actor)
            else:
                self.act(act, there)
            self.nothing_is_wrong()

    def act(self, act: Act, visit: Visit) -> None:
        with may_be_refused():
            if act.what == "transfer":
                assert self.day.do(queue.transfer, visit, self.day.groups[act.group], actor=act.actor).ticket == visit.ticket
            elif act.what == "papers":
                self.day.finish(visit, missing=("Giấy A",), actor=act.actor)
            elif act.what in STEPS:
                self.day.do(STEPS[act.what], visit, actor=act.actor)
            else:
                self.day.finish(visit, act.what, actor=act.actor)

    @rule(which=WHICH, act=ACTS)
    def act_on_whoever(self, which: int, act: Act) -> None:
        """From an old page: the visit stands elsewhere by now."""
        if visit := self.pick(which, ENDED):
            self.act(act, visit)

    @rule(actor=CLERKS, times=st.integers(1, 3))
    def take_back(self, actor: str, times: int) -> None:
        for _ in range(times):
            with may_be_refused():
                self.day.do(undoing.undo, actor)

    # time

    @rule(passed=st.sampled_from([1, 2, 5, 6, 15, 40]))
    def time_passes(self, passed: int) -> None:
        self.day.now = min(self.day.now + minutes(passed), at("18:00", self.day.today))

    @precondition(lambda self: self.day.now >= at("9:00", self.day.today))
    @rule(next_day=st.booleans())
    def close(self, next_day: bool) -> None:
        self.end_of(self.day)
        if next_day and self.day.today == MONDAY:
            self.day.turn("7:00", WEDNESDAY)

    @staticmethod
    def end_of(day: CenterDay) -> None:
        day.do(closing.close, CENTER, day.today, actor="staff:1")
        rows = day.read(visits.of_day, CENTER, day.today)
        assert all(row.state in ENDED and row.ended_at is not None for row in rows)
        assert day.do(closing.close, CENTER, day.today, actor="staff:1") == ()

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.day.wrongs() == []
        self.rows = self.day.rows()
        for row in self.rows:
            assert (row.number is not None) or row.state in ("held", "booked", "cancelled", "expired", "no_show")
            assert row.state in (*AT_COUNTER, "done", "must_return") or row.counter_id is None
            assert (row.ended_at is not None) == (row.state in ENDED)

    def teardown(self) -> None:
        for date in (MONDAY, WEDNESDAY):
            self.day.turn("18:00", date)
            self.end_of(self.day)
        rows = self.day.rows()
        assert {row.state for row in rows} <= set(ENDED)
        assert not [row for row in rows if row.state in LIVE]
        assert self.day.wrongs() == []
        told = visits.rebuilt(self.day.read(visits.events, [row.id for row in rows]))
        assert wrongs(self.day) == [], "a rebuild of the figures finds a difference"
        assert {number: (one["state"], one.get("number")) for number, one in told.items()} == {row.id: (row.state, row.number) for row in rows}


Days.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestDays = Days.TestCase
