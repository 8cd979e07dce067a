"""Group chats: met once, set up, slow mode, moved to a new id, left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.questions import ChatGroup, GroupAsker
from bot.db.store import Store
from bot.domain import centers, groups, questions
from bot.domain.questions import Asker, Topic
from tests.center_day import CENTER, CENTER_OF_FILE, at

KEY = "a key"
NOW = at("8:00")
_GROUP, _ASKER = upsert.table(ChatGroup), upsert.table(GroupAsker)
Do = Callable[..., Any]


@pytest.fixture
def do(database_url: str) -> Iterator[Do]:
    """In a transaction of its own."""
    store = Store(database_url)

    def run(work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with Session(store.engine, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **named)

    run(centers.settle, (CENTER_OF_FILE,), now=NOW)
    yield run
    store.close()


def within(work: Callable[..., Any], *args: Any, address: str = "-100", **named: Any) -> Callable[[Session], Any]:
    """On the group at this address, as a turn has it."""
    return lambda session: work(session, groups.of(session, "telegram:1", address, now=NOW), *args, **named)


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def ask(do: Do, sender: str = "lan", seconds: float = 0, key: str = KEY) -> str:
    return str(do(within(groups.ask, sender, key, now=later(seconds))))


def test_a_group_is_made_when_it_is_first_met_and_only_then(do: Do) -> None:
    first = do(groups.of, "telegram:1", "-100", "Thôn Đoài", now=NOW)
    again = do(groups.of, "telegram:1", "-100", "Thôn Đoài mới", now=later(60))
    other_bot = do(groups.of, "telegram:2", "-100", now=NOW)
    assert first.id == again.id != other_bot.id
    assert (again.title, again.purpose, again.active) == ("Thôn Đoài mới", "", True)


def test_setting_up_tells_whether_anything_changed(do: Do) -> None:
    set_up = within(groups.change, purpose="citizens", center_id=CENTER, answered="center", slow_seconds=60, now=later(5))
    assert do(set_up)
    assert not do(set_up)
    group = do(groups.of, "telegram:1", "-100", now=NOW)
    assert (group.purpose, group.center_id, group.hours, group.slow_seconds) == ("citizens", CENTER, "center", 60)
    assert group.changed_at == later(5)


@pytest.mark.parametrize("seconds", [-1, groups.SLOWEST + 1])
def test_a_pause_nobody_would_wait_for_is_refused(do: Do, seconds: int) -> None:
    with pytest.raises(ValueError, match="slow_seconds"):
        do(within(groups.change, slow_seconds=seconds, now=NOW))


def test_left_and_brought_in_again_the_set_up_still_holds(do: Do) -> None:
    do(within(groups.change, purpose="citizens", center_id=CENTER, now=NOW))
    do(groups.left, "telegram:1", "-100", now=later(1))
    assert not do(groups.of, "telegram:1", "-100", now=NOW).active
    do(within(groups.joined, "5", now=later(2)))
    group = do(groups.of, "telegram:1", "-100", now=NOW)
    assert (group.active, group.added_by, group.purpose) == (True, "5", "citizens")


def test_a_new_id_keeps_set_up_and_questions(do: Do) -> None:
    do(within(groups.change, purpose="citizens", center_id=CENTER, now=NOW))
    old = do(groups.of, "telegram:1", "-100", now=NOW)
    newer = do(groups.of, "telegram:1", "-777", now=NOW)  # met under the new id before the provider told of it
    asked = do(questions.ask, CENTER, Asker(group_id=newer.id, group_message_id="9"), Topic(cause="group"), now=NOW).question
    do(groups.moved, "telegram:1", "-100", "-777")
    group = do(groups.of, "telegram:1", "-777", now=NOW)
    assert (group.id, group.purpose) == (old.id, "citizens")
    assert do(questions.get, asked.id).group_id == old.id
    assert do(lambda session: session.execute(select(func.count()).select_from(_GROUP)).scalar_one()) == 1


def test_a_group_nobody_met_cannot_move(do: Do) -> None:
    do(groups.moved, "telegram:1", "-1", "-2")
    assert do(lambda session: session.execute(select(func.count()).select_from(_GROUP)).scalar_one()) == 0


def test_in_the_centers_hours_only_while_it_is_open(do: Do) -> None:
    do(within(groups.change, answered="center", now=NOW))
    group = do(groups.of, "telegram:1", "-100", now=NOW)
    opened = {hour: groups.is_open(group, CENTER_OF_FILE, at(hour)) for hour in ("7:29", "7:30", "11:29", "11:30", "12:00", "16:59", "17:00")}
    assert opened == {"7:29": False, "7:30": True, "11:29": True, "11:30": False, "12:00": False, "16:59": True, "17:00": False}
    group.hours = ""
    assert groups.is_open(group, CENTER_OF_FILE, at("23:00"))


# slow mode


def test_a_member_waits_between_two_questions_and_is_told_so_once_a_window(do: Do) -> None:
    said = [ask(do, seconds=seconds) for seconds in (0, 5, 6, 19, 20, 25, 26)]
    assert said == ["taken", "hint", "ignored", "ignored", "taken", "hint", "ignored"]


def test_others_and_other_groups_do_not_wait(do: Do) -> None:
    assert ask(do) == "taken"
    assert ask(do, "minh", 1) == "taken"
    assert do(within(groups.ask, "lan", KEY, now=later(1), address="-200")) == "taken"


def test_without_slow_mode_nobody_waits(do: Do) -> None:
    do(within(groups.change, slow_seconds=0, now=NOW))
    assert {ask(do) for _ in range(3)} == {"taken"}


def test_who_asked_is_kept_as_a_keyed_hash_and_for_a_day(do: Do) -> None:
    ask(do, "123456789")
    [sender] = do(lambda session: session.execute(select(_ASKER.c.sender)).scalars().all())
    assert "123456789" not in sender
    assert ask(do, "123456789", 1, key="another key") == "taken", "without the key nobody finds them"
    assert do(groups.purge, now=later(86_390)) == 0
    assert do(groups.purge, now=later(86_402)) == 2
