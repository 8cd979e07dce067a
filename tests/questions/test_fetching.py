"""Pictures come into the database by themselves, once, and not after they were taken out."""

from __future__ import annotations

import datetime as dt

import pytest

from bot import errors
from bot.domain import attachments, fetching
from bot.domain.fetching import Fetcher
from handlers import answering
from tests.questions.help_desk import BOT, HelpDesk
from tests.questions.test_files import JPEG, PHOTO


class Shelf:
    """A channel that gives out one picture, or fails as it is told."""

    def __init__(self, content: bytes = JPEG, failures: list[Exception] | None = None) -> None:
        self.bot, self.content, self.failures = BOT, content, failures or []
        self.asked: list[str] = []

    async def fetch(self, file_id: str) -> bytes:
        self.asked.append(file_id)
        if self.failures:
            raise self.failures.pop(0)
        return self.content


@pytest.fixture
async def sent(desk: HelpDesk) -> HelpDesk:
    await desk.asks("Giấy này nộp được không")
    await desk.tell(kind="photo", file=PHOTO)
    await desk.tell("1")
    return desk


async def test_a_picture_is_fetched_once(sent: HelpDesk) -> None:
    shelf = Shelf()
    fetcher = Fetcher(sent.store, [shelf, object()], now=lambda: sent.now)
    assert [await fetcher.once() for _ in range(2)] == [1, 0]
    assert shelf.asked == ["F-photo"]
    number = (await sent.thread())[-1].attachment_id
    assert number is not None
    content = await sent.store.read(attachments.load, number)
    assert content is not None
    assert content.content == JPEG


async def test_a_failure_is_tried_again_later(sent: HelpDesk) -> None:
    shelf = Shelf(failures=[errors.TryLater("busy")])
    fetcher = Fetcher(sent.store, [shelf], now=lambda: sent.now)
    assert [await fetcher.once() for _ in range(3)] == [0, 0, 0]
    assert len(shelf.asked) == 1
    sent.now += fetching.AGAIN
    assert await fetcher.once() == 1


async def test_what_is_no_picture_or_paper_is_not_kept(sent: HelpDesk) -> None:
    assert await Fetcher(sent.store, [Shelf(b"<html>")], now=lambda: sent.now).once() == 0
    assert (await sent.thread())[-1].attachment_id is None


async def test_what_was_taken_out_meanwhile_is_not_kept(sent: HelpDesk) -> None:
    class Slow(Shelf):
        async def fetch(self, file_id: str) -> bytes:
            message = (await sent.thread())[-1]
            await sent.store.write(answering.remove_picture, sent.premises, message, sent.hanh.actor, now=sent.now)
            return JPEG

    assert await Fetcher(sent.store, [Slow()], now=lambda: sent.now).once() == 0
    assert await sent.store.read(attachments.load, 1) is None


async def test_what_is_too_old_is_left_where_it_is(sent: HelpDesk) -> None:
    shelf = Shelf()
    late = sent.now + fetching.GIVEN_UP + dt.timedelta(minutes=1)
    assert await Fetcher(sent.store, [shelf], now=lambda: late).once() == 0
    assert shelf.asked == []
