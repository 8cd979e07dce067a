"""Two accounts become one person, or nothing changes; a code lives briefly and is tried a few times; leaving leaves everything behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import Consent
from bot.db.tables import Account, AccountLink, Outbox, Person
from bot.domain import checklists, consent, linking, people, visits, waitlist
from bot.domain.linking import Clash, End
from tests.center_day import CENTER, MONDAY, WEDNESDAY, CenterDay
from tests.mailing import OUTBOX, Mailing

KEY = "the installation's key"


@pytest.fixture
def two(day: CenterDay) -> CenterDay:
    day.person("lan", "telegram:1")
    day.person("lan z", "zalo_oa:4001")
    return day


def show(day: CenterDay, name: str = "lan") -> str:
    return day.do(linking.show, day.person(name)[1], KEY)


def type_(day: CenterDay, digits: str, name: str = "lan z") -> linking.Typed | None:
    return day.do(linking.type_, day.person(name)[1], digits, KEY)


def join(day: CenterDay, shows: str = "lan", types: str = "lan z") -> End | Clash | None:
    typed = type_(day, show(day, shows), types)
    assert typed is not None
    return day.do(linking.join, typed.code, day.person(types)[1])


def owners(day: CenterDay, *names: str) -> list[int]:
    table = upsert.table(Account)
    return [day.read(lambda session: session.execute(select(table.c.person_id).where(table.c.address == name)).scalar_one()) for name in names]  # noqa: B023


# codes


def test_a_code_is_kept_as_a_keyed_hash_only(two: CenterDay) -> None:
    digits = show(two)
    rows = two.read(lambda session: session.execute(select(*upsert.table(AccountLink).c)).all())
    assert len(digits) == 6
    assert digits not in str(rows)
    assert linking.hashed(digits, "another key") not in str(rows)


def test_a_code_lives_ten_minutes_and_the_newest_alone(two: CenterDay) -> None:
    first = show(two)
    second = show(two)
    assert type_(two, first) is None
    two.now += linking.LIVES - dt.timedelta(seconds=1)
    assert type_(two, second) is not None
    two.now += dt.timedelta(seconds=2)
    assert type_(two, second) is None


def test_a_code_is_of_no_use_where_it_was_shown_or_to_a_second_one_or_twice(two: CenterDay) -> None:
    digits = show(two)
    assert type_(two, digits, "lan") is None
    typed = type_(two, digits)
    assert typed is not None
    assert type_(two, digits, "mai") is None, "it is the first one's who typed it"
    assert two.do(linking.join, typed.code, two.person("mai")[1]) is None
    assert isinstance(two.do(linking.join, typed.code, two.person("lan z")[1]), End)
    assert type_(two, digits) is None
    assert two.do(linking.join, typed.code, two.person("lan z")[1]) is None


def test_five_wrong_codes_close_the_door_to_one_account_for_an_hour(two: CenterDay) -> None:
    digits = show(two)
    wrong = f"{(int(digits) + 1) % 1_000_000:06}"
    for _ in range(linking.MOST_TYPED):
        assert type_(two, wrong) is None
    assert type_(two, digits) is None
    assert type_(two, digits, "mai") is not None, "nobody else is kept out"
    two.now += linking.WITHIN
    assert type_(two, show(two)) is not None


def test_a_code_guessed_at_by_many_is_worn_out(two: CenterDay) -> None:
    digits = show(two)
    wrong = f"{(int(digits) + 1) % 1_000_000:06}"
    for number in range(linking.MOST_TRIES):
        type_(two, wrong, f"thief {number}")
    assert type_(two, digits) is None


# joining


def test_everything_moves_to_one_person_and_the_other_is_gone(two: CenterDay) -> None:
    own, other = two.person("lan"), two.person("lan z")
    booked = two.book("lan z", "8:00")
    two.wait_for("lan", day=WEDNESDAY)
    kept = two.do(checklists.start, "1.000656", "v", person_id=other[0], account_id=other[1])
    two.do(consent.give, consent.Who(other[0], CENTER, "notices", other[1]), "câu", "zalo_oa")
    assert isinstance(join(two), End)
    assert owners(two, "lan", "lan z") == [own[0]] * 2
    assert [visit.id for visit in two.read(visits.of_person, own[0])] == [booked.id]
    assert len(two.read(waitlist.of_person, own[0])) == 1
    assert two.read(checklists.of_person, kept.id, own[0]) is not None
    assert two.read(consent.standing, consent.Who(own[0], CENTER, "notices")) is not None
    left = {table.name: two.read(_rows_of, table, other[0]) for table in linking.of_people()}
    assert {name for name, count in left.items() if count} == set()
    assert {"account", "checklist", "visit", "wait", "consent", "question", "outbox"} <= set(left)
    assert two.read(lambda session: session.get(Person, other[0])) is None
    assert not two.wrongs()


def _rows_of(session: Session, table: Any, person: int) -> int:
    return len(session.execute(select(table.c.person_id).where(table.c.person_id == person)).all())


def test_of_two_consents_the_earlier_proof_stays(two: CenterDay) -> None:
    for name in ("lan z", "lan"):
        person, account = two.person(name)
        two.do(consent.give, consent.Who(person, CENTER, "notices", account), f"câu của {name}", "chat")
        two.now += dt.timedelta(minutes=1)
    join(two)
    given = two.read(consent.history, two.person("lan")[0])
    assert [(one.wording, one.withdrawn_way) for one in sorted(given, key=lambda one: one.given_at)] == [
        ("câu của lan z", ""),
        ("câu của lan", "joined"),
    ]
    table = upsert.table(Consent)
    assert two.read(lambda session: len(session.execute(select(table.c.id).where(table.c.withdrawn_at.is_(None))).all())) == 1


def test_a_notice_both_were_to_get_goes_to_the_person_once(two: CenterDay) -> None:
    mailing = Mailing(two)
    mailing.agree("lan", bot="telegram:1")
    mailing.agree("lan z", bot="zalo_oa:4001")
    notice = mailing.send()
    mailing.fate(notice, "lan z")
    join(two)
    rows = {row.address: (row.state, row.reason, row.person_id) for row in mailing.rows(notice)}
    assert rows == {"lan": ("skipped", "moved", None), "lan z": ("sent", "", two.person("lan")[0])}
    later = mailing.send()
    assert len(mailing.rows(later)) == 1
    assert mailing.row(notice).recipients == 2, "the sums of a notice that left do not change"


@pytest.mark.parametrize("make", ["booked", "held", "waiting"])
def test_what_the_rules_of_the_day_forbid_is_named_and_nothing_is_joined(two: CenterDay, make: str) -> None:
    for name in ("lan", "lan z"):
        if make == "booked":
            two.book(name, "8:00" if name == "lan" else "9:00", day=WEDNESDAY)
        elif make == "held":
            two.hold(name, "8:00", day=WEDNESDAY if name == "lan" else MONDAY)
        else:
            two.wait_for(name, day=WEDNESDAY)
    clash = join(two)
    assert isinstance(clash, Clash)
    assert (clash.day, len(clash.visits)) == (MONDAY if make == "held" else WEDNESDAY, 0 if make == "waiting" else 2)
    assert len(set(owners(two, "lan", "lan z"))) == 2
    assert not two.wrongs()


def test_after_the_clash_is_settled_the_same_code_joins(two: CenterDay) -> None:
    two.book("lan", "8:00")
    other = two.book("lan z", "9:00")
    typed = type_(two, show(two))
    assert typed is not None
    assert isinstance(two.do(linking.join, typed.code, two.person("lan z")[1]), Clash)
    two.cancel(other)
    assert isinstance(two.do(linking.join, typed.code, two.person("lan z")[1]), End)


def test_a_hold_that_ran_out_is_in_nobodys_way(two: CenterDay) -> None:
    two.hold("lan", "8:00", day=WEDNESDAY)
    two.now += dt.timedelta(minutes=6)
    two.hold("lan z", "9:00", day=WEDNESDAY)
    assert isinstance(join(two), End)
    assert not two.wrongs()


# leaving, and being forgotten


def test_leaving_takes_the_account_alone_and_what_is_coming_is_told_to_the_other(two: CenterDay) -> None:
    visit = two.book("lan z", "8:00")
    join(two)
    assert two.do(linking.leave, two.person("lan z")[1])
    own = owners(two, "lan", "lan z")
    assert own[0] != own[1]
    row = two.row(visit)
    assert (row.person_id, row.account_id) == (own[0], two.person("lan")[1])
    assert two.read(visits.of_person, own[1]) == []
    assert not two.do(linking.leave, two.person("lan z")[1]), "there is nothing left to leave"


def test_a_notice_still_waiting_stays_with_the_person_who_was_left(two: CenterDay) -> None:
    mailing = Mailing(two)
    mailing.agree("lan", bot="telegram:1")
    notice = mailing.send()
    join(two)
    assert two.do(linking.leave, two.person("lan")[1])
    [row] = mailing.rows(notice)
    assert (row.address, row.state, row.person_id) == ("lan z", "retry", owners(two, "lan z")[0])


def test_deleting_a_person_deletes_all_accounts(two: CenterDay) -> None:
    join(two)
    show(two)
    two.read(people.forget, two.person("lan")[0])
    for table in (Account, AccountLink, Outbox):
        assert two.read(lambda session: session.execute(select(*upsert.table(table).c)).all()) == []  # noqa: B023
    assert two.read(lambda session: session.execute(select(OUTBOX.c.id)).all()) == []


@pytest.mark.parametrize(
    ("bot", "address", "own"),
    [("telegram:1", "7", True), ("web", "x1", True), ("web", "assist-3-ff", False), ("web", "kiosk-1-ff", False), ("kiosk", "1", False)],
)  # fmt: skip
def test_shared_tablets_and_kiosks_are_nobodys_account(bot: str, address: str, *, own: bool) -> None:
    assert linking.is_own(bot, address) is own
