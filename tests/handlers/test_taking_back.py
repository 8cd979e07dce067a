"""What was said about a step that is taken back: not sent while it waits, put right when it has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.conversation import plain
from bot.db import upsert
from bot.db.enums import OPEN
from bot.db.tables import Outbox
from bot.domain import claims, outbox, queue, withdrawal
from bot.domain.visits import Missing, Visit
from handlers import visiting
from tests.center_day import BOT, CLERK, CenterDay, minutes

STEPS: dict[str, Callable[[CenterDay, Visit], object]] = {
    "called": lambda day, visit: None,
    "transferred": lambda day, visit: day.do(visiting.transfer, visit, day.groups["B"], actor=CLERK),
    "accepted": lambda day, visit: day.do(visiting.finish, visit, "accepted", actor=CLERK),
    "papers": lambda day, visit: day.do(visiting.finish, visit, "papers_missing", actor=CLERK, missing=[Missing("a", "Giấy A")]),
}
CORRECTIONS = {
    "called": ("Chưa đến lượt A001", "Số vẫn giữ nguyên chỗ trong hàng"),
    "transferred": ("A001 không chuyển quầy nữa", "Mời anh/chị ở lại quầy đang làm."),
    "accepted": ("A001 chưa xong", "Quầy vẫn đang làm tiếp"),
    "papers": ("A001 chưa xong", "Tin vừa rồi gửi nhầm"),
}


def stepped(day: CenterDay, step: str, name: str = "lan") -> None:
    """Called, and what was said of that has left; a minute later the step."""
    visit = day.walk_in(name)
    day.do(visiting.call_next, day.desks[1], actor=CLERK)
    if step != "called":
        leave(day)
    day.now += minutes(1)
    STEPS[step](day, visit)


def leave(day: CenterDay, state: str = "sent") -> None:
    """Everything that waits is taken by a worker, and handed over."""
    for message in day.do(claims.claim, BOT, "w"):
        if state != "sending":
            day.do(outbox.settle, message.id, "w", state)


def undo(day: CenterDay) -> Visit:
    return day.do(visiting.undo, CLERK)


def rows(day: CenterDay) -> list[tuple[str, str]]:
    table = upsert.table(Outbox)

    def read(session: Any) -> list[tuple[str, str]]:
        return [(row.state, row.reason) for row in session.execute(table.select().order_by(table.c.id))]

    return day.read(read)


def last(day: CenterDay) -> str:
    return plain.text(day.told("lan")[-1])


@pytest.mark.parametrize("step", STEPS)
def test_what_still_waits_is_not_sent_and_the_ledger_says_why(day: CenterDay, step: str) -> None:
    stepped(day, step)
    before = len(rows(day))
    undo(day)
    assert rows(day)[-1] == ("skipped", "the clerk undid the step")
    assert len(rows(day)) == before
    assert day.do(claims.claim, BOT, "w") == []
    assert day.wrongs() == []


@pytest.mark.parametrize("state", ["sent", "sending", "unknown"])
@pytest.mark.parametrize("step", STEPS)
def test_what_has_left_or_may_have_left_is_put_right(day: CenterDay, step: str, state: str) -> None:
    stepped(day, step)
    leave(day, state)
    undo(day)
    assert [state for state, _ in rows(day)][-2:] == [state, "queued"]
    assert all(words in last(day) for words in CORRECTIONS[step])


def test_what_was_refused_reached_nobody_and_is_not_put_right(day: CenterDay) -> None:
    stepped(day, "accepted")
    leave(day, "refused")
    undo(day)
    assert rows(day)[-1][0] == "refused"


def test_a_message_that_is_on_its_way_is_not_called_skipped_and_without_the_guard_it_is(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawal, "WAITING", OPEN)  # the control: whatever is not settled yet is skipped
    stepped(day, "accepted")
    (message,) = day.do(claims.claim, BOT, "w")
    undo(day)
    assert rows(day)[-1][0] == "skipped", "it says that nothing was sent"
    assert not day.do(outbox.settle, message.id, "w", "sent"), "while the worker hands it over"


def test_only_the_last_message_is_taken_back(day: CenterDay) -> None:
    stepped(day, "accepted")
    undo(day)
    assert [state for state, _ in rows(day)] == ["sent", "skipped"]
    undo(day)
    assert [state for state, _ in rows(day)] == ["sent", "skipped", "queued"]
    assert "Chưa đến lượt A001" in last(day)


def test_somebody_without_an_account_is_told_nothing(day: CenterDay) -> None:
    stepped(day, "papers", "")
    undo(day)
    assert rows(day) == []


def test_a_step_that_nobody_was_told_of_is_taken_back_in_silence(day: CenterDay) -> None:
    stepped(day, "called")
    leave(day)
    visit = day.row(day.rows()[0])
    day.now += minutes(1)
    day.do(queue.miss, visit, actor=CLERK)
    undo(day)
    assert [state for state, _ in rows(day)] == ["sent"]
