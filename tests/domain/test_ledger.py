"""The ledger of a notice: one row a person, whose sums add up whatever happens to it and to them."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest
from sqlalchemy import exc

from bot.db import upsert
from bot.db.tables import Outbox
from bot.domain import broadcast, consent, ledger, notices, people, retention
from tests.center_day import CENTER, CenterDay
from tests.mailing import OUTBOX, SECOND, WRITER, Mailing, refused


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def test_frozen_twice_there_is_one_list(mailing: Mailing) -> None:
    mailing.many(5)
    notice = mailing.send()
    assert refused(mailing, broadcast.confirm, CENTER, notice, 1, 5, actor=SECOND).why == "changed"
    mailing.advance()
    assert mailing.sums(notice) == {"queued": 5}


def test_pausing_and_resuming_in_a_loop_loses_nobody(mailing: Mailing) -> None:
    mailing.many(12)
    notice, chance = mailing.send(), random.Random(5)
    for _ in range(12):
        mailing.step("pause", notice)
        assert refused(mailing, broadcast.pause, CENTER, notice, actor=SECOND).why == "changed"
        mailing.step("resume", notice)
        waiting = [row.address for row in mailing.rows(notice) if row.state == "queued"]
        mailing.fate(notice, chance.choice(waiting), state=chance.choice(["sent", "refused", "unknown"]))
        assert sum(mailing.sums(notice).values()) == 12
    mailing.advance()
    assert mailing.row(notice).state == "done"


def test_stopped_at_half_the_rest_is_skipped_and_what_is_on_its_way_gets_its_fate(mailing: Mailing) -> None:
    names = mailing.many(10)
    notice = mailing.send()
    mailing.fate(notice, *names[:4])
    mailing.fate(notice, names[4], state="sending")
    assert mailing.step("stop", notice) == 5
    assert mailing.sums(notice) == {"sent": 4, "sending": 1, "skipped": 5}
    mailing.fate(notice, names[4], state="retry")
    mailing.advance()
    assert mailing.sums(notice) == {"sent": 4, "skipped": 6}
    for step in ("resume", "pause", "stop"):
        assert refused(mailing, getattr(broadcast, step), CENTER, notice, actor=SECOND).why == "changed"


def test_it_is_done_only_when_no_row_is_open(mailing: Mailing) -> None:
    mailing.many(2)
    notice = mailing.send()
    mailing.fate(notice, "dan 0")
    for state in ("sending", "retry", "queued"):
        mailing.fate(notice, "dan 1", state=state)
        mailing.advance()
        assert mailing.row(notice).state == "sending"
    mailing.fate(notice, "dan 1", state="unknown")
    mailing.advance()
    assert mailing.row(notice).state == "done"


def test_only_a_person_decides_about_unknown_rows_and_it_is_written_down(mailing: Mailing) -> None:
    mailing.many(3)
    notice = mailing.send()
    mailing.fate(notice, state="unknown", reason="worker died")
    mailing.advance()
    first, second, third = [row.id for row in mailing.rows(notice)]
    assert mailing.step("decide", notice, rows=[first], again=False) == 1
    assert mailing.step("decide", notice, rows=[first, second], again=True) == 1
    assert mailing.row(notice).state == "sending"
    assert mailing.sums(notice) == {"queued": 1, "unknown": 2}
    assert [row.id for row in mailing.day.read(ledger.undecided, notice)] == [third]
    steps = [(row.action, row.actor) for row in mailing.day.read(notices.steps, CENTER, notice)]
    assert steps[-2:] == [("notice.leave", SECOND), ("notice.again", SECOND)]


def test_a_notice_that_is_done_keeps_its_sums_until_some_are_sent_again(mailing: Mailing) -> None:
    mailing.many(3)
    notice = mailing.send()
    mailing.fate(notice, "dan 0")
    mailing.advance()
    assert mailing.row(notice).sums == ""
    mailing.fate(notice, state="unknown")
    mailing.advance()
    assert json.loads(mailing.row(notice).sums) == {"telegram:1": {"sent": 1, "unknown": 2}}
    done = next(row for row in mailing.day.read(notices.steps, CENTER, notice) if row.action == "notice.done")
    assert json.loads(done.after) == {"sent": 1, "unknown": 2}
    mailing.step("decide", notice, rows=[mailing.rows(notice)[2].id], again=True)
    assert (mailing.row(notice).state, mailing.row(notice).sums) == ("sending", "")
    assert mailing.day.read(ledger.of_notices, {notice: ""}) == {notice: {"telegram:1": {"sent": 1, "unknown": 1, "queued": 1}}}


def test_nobody_who_said_stop_is_sent_an_unknown_one_again(mailing: Mailing) -> None:
    mailing.agree("lan")
    notice = mailing.send()
    mailing.fate(notice, state="unknown")
    mailing.day.do(consent.withdraw, mailing.who("lan").person_id, "DỪNG")
    assert mailing.step("decide", notice, rows=[mailing.rows(notice)[0].id], again=True) == 0


def test_a_correction_goes_to_exactly_those_who_may_have_read_the_wrong_one(mailing: Mailing) -> None:
    mailing.agree("sent", "unknown", "refused", "waiting", "stopped later")
    wrong = mailing.send()
    mailing.fate(wrong, "sent", "stopped later")
    mailing.fate(wrong, "unknown", state="unknown")
    mailing.fate(wrong, "refused", state="refused")
    right = mailing.day.do(notices.correct, CENTER, wrong, actor=WRITER)
    words = notices.words(mailing.row(right))._replace(body="Thứ Tư mới nghỉ.")
    mailing.day.do(notices.edit, CENTER, right, 1, words, actor=WRITER)
    mailing.agree("agreed meanwhile")
    mailing.day.do(consent.withdraw, mailing.who("stopped later").person_id, "DỪNG")
    number = mailing.submit(right)
    assert refused(mailing, broadcast.confirm, CENTER, right, 2, number, actor=SECOND).why == "unsettled"
    mailing.step("stop", wrong)
    mailing.confirm(right, number)
    assert mailing.to(right) == ["sent", "unknown"]
    assert mailing.sums(right) == {"queued": 2, "skipped": 1}
    assert "Đính chính" in mailing.row(right).reply


def test_somebody_deleted_amid_a_notice_stays_in_the_sums_without_a_name(mailing: Mailing) -> None:
    mailing.agree("lan", "minh")
    notice = mailing.send()
    mailing.fate(notice, "minh")
    for name in ("lan", "minh"):
        mailing.day.read(people.forget, mailing.who(name).person_id)
    assert mailing.sums(notice) == {"sent": 1, "skipped": 1}
    assert all(row.person_id is None and row.address == f"deleted:{row.id}" and row.provider_id is None for row in mailing.rows(notice))


def test_after_the_time_things_are_kept_a_notice_still_has_its_sums_and_no_addresses(mailing: Mailing) -> None:
    mailing.many(3)
    notice = mailing.send()
    mailing.fate(notice)
    mailing.day.now += dt.timedelta(days=120)
    mailing.day.do(retention.purge, keep=dt.timedelta(days=90))
    assert mailing.sums(notice) == {"sent": 3}
    assert all(row.address.startswith("deleted:") for row in mailing.rows(notice))
    assert mailing.day.read(people.find, "telegram:1", "dan 0") is not None


def test_the_keys_of_the_table_forbid_a_person_twice(mailing: Mailing) -> None:
    mailing.agree("lan")
    notice = mailing.send()
    again = {column.name: getattr(mailing.rows(notice)[0], column.name) for column in OUTBOX.columns if column.name != "id"}
    with pytest.raises(exc.IntegrityError):
        mailing.day.read(lambda session: session.execute(upsert.table(Outbox).insert().values(again | {"address": "elsewhere"})))


def test_reasons_are_grouped_and_add_up_with_their_state(mailing: Mailing) -> None:
    names = mailing.many(4)
    notice = mailing.send()
    for name, said in zip(names, ["Forbidden: bot was blocked by the user", "Forbidden: bot was blocked", "user is deactivated", "odd"], strict=True):
        mailing.fate(notice, name, state="refused", reason=said)
    assert mailing.day.read(ledger.reasons, notice) == [("refused", "blocked", 2), ("refused", "deactivated", 1), ("refused", "odd", 1)]


def test_bots_send_beside_each_other_each_at_its_rate() -> None:
    assert ledger.seconds({}) == 0
    assert ledger.seconds({"telegram:1": 2950, "web": 1}) == 100
