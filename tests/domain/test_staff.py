"""Staff: every role and action, links that work once, sessions that end, and all of it in the audit log."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import get_args

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from bot.db.columns import metadata
from bot.db.enums import Role
from bot.db.staff import Audit
from bot.db.store import Store
from bot.domain import audit, roles, roster, staff
from bot.domain.roles import EVERYWHERE, Action, Member
from tests.fakes import NOON

HERE, THERE = "an-phu", "binh-hoa"
MINUTE = dt.timedelta(minutes=1)

# The whole table once more, written by hand from the brief: who may do what.
MAY: dict[str, set[str]] = {
    "queue.read": {"clerk", "lead", "manager", "auditor", "admin"},
    "queue.work": {"clerk", "lead", "manager", "admin"},
    "queue.lead": {"lead", "manager", "admin"},
    "center.read": {"clerk", "lead", "manager", "auditor", "admin"},
    "center.setup": {"lead", "manager", "admin"},
    "people.read": {"lead", "manager", "auditor", "admin"},
    "people.manage": {"lead", "manager", "admin"},
    "figures.read": {"lead", "manager", "auditor", "admin"},
    "figures.enter": {"manager", "admin"},
    "audit.read": {"manager", "auditor", "admin"},
    "notices.read": {"clerk", "lead", "manager", "auditor", "admin"},
    "notices.write": {"clerk", "lead", "manager", "admin"},
    "notices.send": {"lead", "manager", "admin"},
    "questions.read": {"clerk", "lead", "manager", "auditor", "admin"},
    "questions.work": {"clerk", "lead", "manager", "admin"},
    "delivery.read": {"lead", "manager", "auditor", "admin"},
    "delivery.work": {"lead", "manager", "admin"},
    "assist": {"volunteer", "clerk", "lead", "manager", "admin"},
    "practice": {"volunteer", "clerk", "lead", "manager", "admin"},
    "practice.read": {"lead", "manager", "auditor", "admin"},
    "dossiers.read": {"clerk", "lead", "manager", "auditor", "admin"},
    "dossiers.work": {"clerk", "lead", "manager", "admin"},
    "feedback.read": {"lead", "manager", "auditor", "admin"},
    "feedback.work": {"lead", "manager", "admin"},
    "digest.read": {"lead", "manager", "auditor", "admin"},
    "digest.work": {"lead", "manager", "admin"},
}
GIVES: dict[Role, set[Role]] = {
    "volunteer": set(),
    "clerk": set(),
    "lead": {"volunteer", "clerk", "lead"},
    "manager": {"volunteer", "clerk", "lead", "manager", "auditor"},
    "auditor": set(),
    "admin": {"volunteer", "clerk", "lead", "manager", "auditor", "admin"},
}


def member(role: Role, scope: str = HERE, number: int = 1) -> Member:
    return Member(number, "chị Hạnh", {scope: role})


@pytest.mark.parametrize("action", get_args(Action))
@pytest.mark.parametrize("role", get_args(Role))
def test_what_a_role_may_do_at_its_own_center_and_nowhere_else(role: Role, action: Action) -> None:
    allowed = role in MAY[action]
    assert member(role).may(action, HERE) == allowed
    assert not member(role).may(action, THERE)
    assert not member(role).may(action, EVERYWHERE)
    everywhere = member(role, EVERYWHERE)
    assert [everywhere.may(action, center) for center in (HERE, THERE, EVERYWHERE)] == [allowed] * 3


@pytest.mark.parametrize("given", get_args(Role))
@pytest.mark.parametrize("role", get_args(Role))
def test_what_a_role_may_give_at_its_own_center_and_nowhere_else(role: Role, given: Role) -> None:
    allowed = given in GIVES[role]
    assert member(role).may_grant(given, HERE) == allowed
    assert not member(role).may_grant(given, THERE)
    assert not member(role).may_grant(given, EVERYWHERE)
    assert member(role, EVERYWHERE).may_grant(given, THERE) == allowed


def test_nobody_gives_a_role_that_may_do_what_they_may_not() -> None:
    for own in get_args(Role):
        for given in GIVES[own]:
            assert roles.ACTIONS[given] <= roles.ACTIONS[own]


def test_a_role_here_and_another_everywhere_add_up() -> None:
    both = Member(1, "x", {HERE: "clerk", EVERYWHERE: "auditor"})
    assert both.may("queue.work", HERE)
    assert both.may("audit.read", HERE)
    assert not both.may("queue.work", THERE)
    assert both.may("audit.read", THERE)


@pytest.mark.parametrize(
    ("own", "other", "handled"),
    [
        ({HERE: "lead"}, {HERE: "clerk"}, True),
        ({HERE: "lead"}, {HERE: "lead"}, True),
        ({HERE: "lead"}, {HERE: "manager"}, False),
        ({HERE: "lead"}, {HERE: "auditor"}, False),
        ({HERE: "lead"}, {HERE: "clerk", THERE: "clerk"}, False),
        ({HERE: "lead"}, {THERE: "clerk"}, False),
        ({HERE: "lead"}, {HERE: "clerk", EVERYWHERE: "auditor"}, False),
        ({HERE: "lead"}, {}, False),
        ({HERE: "manager"}, {HERE: "auditor"}, True),
        ({HERE: "manager"}, {HERE: "admin"}, False),
        ({HERE: "admin"}, {EVERYWHERE: "clerk"}, False),
        ({EVERYWHERE: "admin"}, {HERE: "admin", EVERYWHERE: "admin"}, True),
        ({HERE: "clerk"}, {HERE: "clerk"}, False),
        ({EVERYWHERE: "auditor"}, {HERE: "clerk"}, False),
    ],
)
def test_only_somebody_whose_every_role_one_could_give_is_handled(own: dict[str, Role], other: dict[str, Role], handled: bool) -> None:
    assert Member(1, "a", own).may_handle(Member(2, "b", other)) == handled


async def added(store: Store, role: Role = "clerk", scope: str = HERE, name: str = "chị Hạnh") -> int:
    return await store.write(staff.create, name, scope, role, now=NOON)


async def link(store: Store, number: int, purpose: staff.Purpose = "sign_in", now: dt.datetime = NOON) -> str:
    made = await store.write(staff.link, number, purpose, now=now)
    assert made is not None
    return made


async def signed_in(store: Store, number: int, now: dt.datetime = NOON) -> str:
    session = await store.write(staff.sign_in, await link(store, number, now=now), now=now)
    assert session is not None
    return session


async def deeds(store: Store) -> list[tuple[str, str]]:
    """(actor, action) of every audit row."""
    found = await store.read(lambda session: session.execute(select(col(Audit.actor), col(Audit.action)).order_by(col(Audit.id))).all())
    return [(row[0], row[1]) for row in found]


async def test_a_link_lets_in_once(store: Store) -> None:
    number = await added(store)
    token = await link(store, number)
    assert await store.write(staff.use, token, "sign_in", now=NOON) == number
    assert await store.write(staff.use, token, "sign_in", now=NOON) is None


@pytest.mark.parametrize(("purpose", "minutes"), [("sign_in", 10), ("connect", 15)])
async def test_a_link_lives_for_some_minutes(store: Store, purpose: staff.Purpose, minutes: int) -> None:
    number = await added(store)
    early, late = await link(store, number, purpose), await link(store, number, purpose, now=NOON + MINUTE)
    assert await store.write(staff.use, early, purpose, now=NOON + minutes * MINUTE) is None
    assert await store.write(staff.use, late, purpose, now=NOON + minutes * MINUTE) == number


async def test_a_link_is_for_one_purpose(store: Store) -> None:
    number = await added(store)
    sign_in, code = await link(store, number), await link(store, number, "connect")
    assert await store.write(staff.use, sign_in, "connect", now=NOON) is None
    assert await store.write(staff.use, code, "sign_in", now=NOON) is None


async def uses(store: Store, other: Store, token: str) -> list[int]:
    """Whom twenty tries at once let in, over two connections to the database."""
    tries = [one.write(staff.use, token, "sign_in", now=NOON) for _ in range(10) for one in (store, other)]
    return [found for found in await asyncio.gather(*tries) if found is not None]


async def test_of_many_who_use_a_link_at_once_one_gets_in(store: Store, database_url: str) -> None:
    token, other = await link(store, await added(store)), Store(database_url)
    assert len(await uses(store, other, token)) == 1
    other.close()


async def test_control_without_the_condition_several_get_in(store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token, other = await link(store, await added(store)), Store(database_url)
    monkeypatch.setattr(staff, "_still_good", lambda _now: ())
    assert len(await uses(store, other, token)) > 1
    other.close()


async def test_a_session_opens_pages_until_it_is_left_alone_for_half_a_day(store: Store) -> None:
    number = await added(store)
    session = await signed_in(store, number)
    found = await store.read(staff.of_session, session, now=NOON + dt.timedelta(hours=11, minutes=59))
    assert found is not None
    assert found.member == Member(number, "chị Hạnh", {HERE: "clerk"})
    assert await store.read(staff.of_session, session, now=NOON + dt.timedelta(hours=12)) is None


async def test_a_session_that_is_used_ends_after_a_week_all_the_same(store: Store) -> None:
    session, now = await signed_in(store, await added(store)), NOON
    while now < NOON + dt.timedelta(days=7) - dt.timedelta(hours=1):
        now += dt.timedelta(hours=1)
        await store.write(staff.seen, session, now=now)
    assert await store.read(staff.of_session, session, now=now) is not None
    assert await store.read(staff.of_session, session, now=NOON + dt.timedelta(days=7)) is None


async def test_that_a_session_was_seen_is_written_every_ten_minutes_at_most(store: Store) -> None:
    session = await signed_in(store, await added(store))

    async def due(minutes: int) -> bool:
        found = await store.read(staff.of_session, session, now=NOON + minutes * MINUTE)
        assert found is not None
        return found.due

    assert [await due(minutes) for minutes in (0, 9, 10)] == [False, False, True]
    await store.write(staff.seen, session, now=NOON + 9 * MINUTE)
    assert await due(10)
    await store.write(staff.seen, session, now=NOON + 10 * MINUTE)
    assert [await due(minutes) for minutes in (19, 20)] == [False, True]


async def test_signing_out_ends_this_browser_and_everywhere_ends_all(store: Store) -> None:
    number = await added(store)
    one, two, three = [await signed_in(store, number) for _ in range(3)]
    assert await store.write(staff.sign_out, one, now=NOON)
    assert not await store.write(staff.sign_out, one, now=NOON)
    assert await store.read(staff.of_session, one, now=NOON) is None
    assert await store.read(staff.of_session, two, now=NOON) is not None
    assert await store.write(staff.sign_out_everywhere, number, actor="staff:9", now=NOON) == 2
    assert await store.read(staff.of_session, three, now=NOON) is None


async def test_whoever_is_switched_off_is_out_at_once_everywhere(store: Store) -> None:
    number = await added(store)
    session, token = await signed_in(store, number), await link(store, number)
    await store.write(staff.connect, await link(store, number, "connect"), "telegram:1", "5", now=NOON)
    assert await store.write(staff.deactivate, number, actor="staff:9", now=NOON)
    assert await store.read(staff.of_session, session, now=NOON) is None
    assert await store.write(staff.sign_in, token, now=NOON) is None
    assert await store.read(staff.of_account, "telegram:1", "5") is None
    assert await store.write(staff.link, number, "sign_in", now=NOON) is None
    assert not await store.write(staff.deactivate, number, actor="staff:9", now=NOON)


async def test_whoever_comes_back_has_the_old_roles_and_needs_new_links(store: Store) -> None:
    number = await added(store, "lead")
    token = await link(store, number)
    await store.write(staff.deactivate, number, actor="cli", now=NOON)
    assert await store.write(staff.activate, number, actor="cli", now=NOON)
    assert await store.write(staff.sign_in, token, now=NOON) is None
    session = await signed_in(store, number)
    found = await store.read(staff.of_session, session, now=NOON)
    assert found is not None
    assert found.member.roles == {HERE: "lead"}


async def test_a_new_role_counts_from_the_next_page_on(store: Store) -> None:
    number = await added(store)
    session = await signed_in(store, number)
    assert await store.write(staff.set_role, number, HERE, "lead", actor="cli", now=NOON)
    assert await store.write(staff.set_role, number, THERE, "clerk", actor="cli", now=NOON)
    assert not await store.write(staff.set_role, number, HERE, "lead", actor="cli", now=NOON)
    found = await store.read(staff.of_session, session, now=NOON)
    assert found is not None
    assert found.member.roles == {HERE: "lead", THERE: "clerk"}
    assert await store.write(staff.set_role, number, HERE, None, actor="cli", now=NOON)
    found = await store.read(staff.of_session, session, now=NOON)
    assert found is not None
    assert found.member.roles == {THERE: "clerk"}


async def test_a_code_connects_one_chat_to_one_person(store: Store) -> None:
    number = await added(store)
    code = await link(store, number, "connect")
    assert len(code) == 7
    assert code.replace("-", "").isdecimal()
    found = await store.write(staff.connect, code, "telegram:1", "5", now=NOON)
    assert found is not None
    assert found.id == number
    assert await store.read(staff.of_account, "telegram:1", "5") == found
    assert await store.read(staff.of_account, "telegram:2", "5") is None
    assert await store.write(staff.connect, code, "telegram:1", "6", now=NOON) is None
    assert await store.write(staff.disconnect, number, actor="cli", now=NOON) == 1
    assert await store.read(staff.of_account, "telegram:1", "5") is None


async def test_a_chat_connected_anew_belongs_to_the_other_person(store: Store) -> None:
    first, second = await added(store), await added(store, name="anh Nam")
    for number in (first, second):
        await store.write(staff.connect, await link(store, number, "connect"), "telegram:1", "5", now=NOON)
    found = await store.read(staff.of_account, "telegram:1", "5")
    assert found is not None
    assert found.id == second


async def test_a_new_code_takes_the_place_of_the_one_before(store: Store) -> None:
    number = await added(store)
    old, new = await link(store, number, "connect"), await link(store, number, "connect")
    assert await store.write(staff.use, old, "connect", now=NOON) is None
    assert await store.write(staff.use, new, "connect", now=NOON) == number


async def test_after_ten_wrong_codes_those_alive_are_dead_and_links_are_not(store: Store) -> None:
    number = await added(store)
    code, token = await link(store, number, "connect"), await link(store, number)
    wrong = "000-001" if code == "000-000" else "000-000"
    for _ in range(staff.MOST_TRIES - 1):
        assert await store.write(staff.connect, wrong, "telegram:1", "66", now=NOON) is None
    assert await store.write(_alive, code)
    await store.write(staff.connect, wrong, "telegram:1", "66", now=NOON)
    assert await store.write(staff.connect, code, "telegram:1", "5", now=NOON) is None
    assert await store.write(staff.sign_in, token, now=NOON) is not None


def _alive(session: Session, code: str) -> bool:
    """Whether the code would still connect; it is not used up by asking."""
    with session.begin_nested() as asked:
        found = staff.use(session, code, "connect", now=NOON)
        asked.rollback()
    return found is not None


async def test_everything_is_written_down_with_who_did_it(store: Store) -> None:
    number = await store.write(staff.create, "chị  Hạnh ", HERE, "clerk", actor="cli", now=NOON)
    me, boss = f"staff:{number}", "staff:9"
    session = await signed_in(store, number)
    await store.write(staff.rename, number, "cô Hạnh", actor=boss, now=NOON)
    await store.write(staff.rename, number, "cô Hạnh", actor=boss, now=NOON)
    await store.write(staff.set_role, number, HERE, "lead", actor=boss, now=NOON)
    code = await store.write(staff.link, number, "connect", actor=boss, now=NOON)
    assert code is not None
    await store.write(staff.connect, code, "telegram:1", "5", now=NOON)
    await store.write(staff.disconnect, number, actor=boss, now=NOON)
    await store.write(staff.sign_out, session, now=NOON)
    await signed_in(store, number)
    await store.write(staff.sign_out_everywhere, number, actor=me, now=NOON)
    await store.write(staff.deactivate, number, actor=boss, now=NOON)
    await store.write(staff.activate, number, actor=boss, now=NOON)
    assert await deeds(store) == [
        ("cli", "staff.create"), ("system", "staff.link_sign_in"), (me, "staff.sign_in"), (boss, "staff.rename"), (boss, "staff.role"),
        (boss, "staff.link_connect"), (me, "staff.connect"), (boss, "staff.disconnect"), (me, "staff.sign_out"), ("system", "staff.link_sign_in"),
        (me, "staff.sign_in"), (me, "staff.sign_out_everywhere"), (boss, "staff.off"), (boss, "staff.on"),
    ]  # fmt: skip
    assert await store.read(audit.verify) is None
    centers = await store.read(lambda session: set(session.execute(select(col(Audit.center_id))).scalars()))
    assert centers == {HERE}, "so that the auditor of that center sees it"


async def test_no_token_and_no_chat_address_stands_in_any_table(store: Store) -> None:
    number = await added(store)
    token, code = await link(store, number), await link(store, number, "connect")
    session = await store.write(staff.sign_in, token, now=NOON)
    assert session is not None
    await store.write(staff.connect, code, "telegram:1", "8877665544", now=NOON)

    def kept(session: Session) -> dict[str, str]:
        return {name: str(session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in metadata.tables}

    tables = await store.read(kept)
    assert [name for name, rows in tables.items() if any(secret in rows for secret in (token, code, session))] == []
    assert [name for name, rows in tables.items() if "8877665544" in rows] == ["staff_account"]


async def test_the_list_shows_everybody_with_roles_chats_and_those_who_left_last(store: Store) -> None:
    nam, hanh, an = await added(store, name="Nam"), await added(store, "lead", name="Hạnh"), await added(store, name="An")
    await signed_in(store, hanh)
    await store.write(staff.connect, await link(store, nam, "connect"), "telegram:1", "5", now=NOON)
    await store.write(staff.deactivate, an, actor="cli", now=NOON)
    known = await store.read(roster.everyone)
    assert [(one.member.name, one.active, one.accounts, one.seen_at) for one in known] == [
        ("Hạnh", True, (), NOON), ("Nam", True, (("telegram:1", NOON),), None), ("An", False, (), None),
    ]  # fmt: skip
    assert known[0].member.roles == {HERE: "lead"}
    assert await store.read(roster.names, [f"staff:{nam}", "cli", "staff:x"]) == {f"staff:{nam}": "Nam"}


async def test_a_name_is_tidied_and_needed(store: Store) -> None:
    assert await store.write(staff.create, "x" * 200, HERE, "clerk", now=NOON)
    found = await store.read(roster.everyone)
    assert found[0].member.name == "x" * staff.LONGEST_NAME
    with pytest.raises(ValueError, match="name"):
        await store.write(staff.create, "  ", HERE, "clerk", now=NOON)
