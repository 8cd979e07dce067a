"""Pictures and files: kept once, known by how they begin, handed to a provider once."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from bot import errors
from bot.db.store import Store
from bot.domain import attachments
from bot.domain.attachments import Content, Sent, Shelf
from bot.messages import Attached
from tests.fakes import NOON


def png(width: int = 640, height: int = 480, more: bytes = b"") -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4) + height.to_bytes(4) + more


def jpeg(width: int = 640, height: int = 480) -> bytes:
    before = b"\xff\xd8\xff\xe0\x00\x04JF"
    return before + b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03" + bytes(9)


PDF = b"%PDF-1.7\n"


async def test_the_same_content_is_kept_once_and_shown_by_its_first_name(store: Store) -> None:
    first, again, other = [
        await store.write(attachments.keep, content, name, now=NOON)
        for content, name in ((png(), "lịch nghỉ.PNG"), (png(), "b.png"), (PDF, "mẫu.pdf"))
    ]
    assert first == again != other
    assert await store.read(attachments.block, first) == Attached(picture=True, name="lịch nghỉ.png", attachment=first)
    assert await store.read(attachments.block, other) == Attached(picture=False, name="mẫu.pdf", attachment=other)
    assert await store.read(attachments.load, other) == Content("mẫu.pdf", "application/pdf", PDF)
    assert await store.read(attachments.load, 99) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"), (PDF + bytes(attachments.LARGEST), "big"), (b"MZ\x90\x00", "kind"), (b"<svg>", "kind"), (b"GIF89a", "kind"),
        (png(9000, 2000), "shape"), (png(2100, 100), "shape"), (png(0, 5), "shape"), (png()[:20], "shape"), (jpeg(6000, 5000), "shape"),
        (b"\xff\xd8\xff\xe0", "shape"),
    ],
)  # fmt: skip
async def test_what_a_channel_would_refuse_is_refused_at_once(store: Store, content: bytes, reason: str) -> None:
    with pytest.raises(errors.AttachmentRefused) as caught:
        await store.write(attachments.keep, content, "a.pdf", now=NOON)
    assert caught.value.reason == reason


async def test_the_largest_that_is_taken(store: Store) -> None:
    assert await store.write(attachments.keep, PDF + bytes(attachments.LARGEST - len(PDF)), "a.pdf", now=NOON)
    assert await store.write(attachments.keep, jpeg(4000, 3000), "a.jpg", now=NOON)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"), ("C:\\x\\thông báo.docx", "thông báo.pdf"), ("", "tep.pdf"), ("a\r\nb\".exe", "a b.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
    ],
)  # fmt: skip
async def test_a_name_is_harmless_and_ends_as_what_it_is(store: Store, given: str, kept: str) -> None:
    number = await store.write(attachments.keep, PDF, given, now=NOON)
    assert (await store.read(attachments.block, number)).name == kept


class Provider:
    """Takes files, slowly, and forgets what it is told to."""

    def __init__(self) -> None:
        self.handed_over: list[str] = []
        self.by_name: list[str] = []
        self.forgotten: set[str] = set()
        self.failures: list[Exception] = []

    async def anew(self, content: Content) -> Sent:
        await asyncio.sleep(0.02)
        if self.failures:
            raise self.failures.pop(0)
        self.handed_over.append(content.name)
        return Sent("m", f"file-{len(self.handed_over)}")

    async def known(self, file_id: str) -> str:
        if file_id in self.forgotten:
            raise errors.FileForgotten(file_id)
        self.by_name.append(file_id)
        return "m"


async def shelf(store: Store) -> tuple[Shelf, int, Provider]:
    return Shelf(store, now=lambda: NOON), await store.write(attachments.keep, PDF, "a.pdf", now=NOON), Provider()


async def test_of_many_at_once_one_hands_it_over_and_the_others_wait_for_its_name(store: Store) -> None:
    on, number, provider = await shelf(store)
    await asyncio.gather(*(on.send("b", number, provider.known, provider.anew) for _ in range(10)))
    assert (provider.handed_over, provider.by_name) == (["a.pdf"], ["file-1"] * 9)
    await Shelf(store, now=lambda: NOON).send("b", number, provider.known, provider.anew)
    assert len(provider.handed_over) == 1, "also after a restart"
    await on.send("c", number, provider.known, provider.anew)
    assert len(provider.handed_over) == 2, "another bot has to get it itself"


class NoLock:
    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_without_the_lock_each_hands_it_over(store: Store) -> None:
    """The control of the test above."""
    on, number, provider = await shelf(store)
    on._locks["b", number] = NoLock()  # type: ignore[assignment]
    await asyncio.gather(*(on.send("b", number, provider.known, provider.anew) for _ in range(10)))
    assert len(provider.handed_over) > 1


async def test_a_name_the_provider_forgot_is_replaced_once(store: Store) -> None:
    on, number, provider = await shelf(store)
    await on.send("b", number, provider.known, provider.anew)
    provider.forgotten = {"file-1"}
    await asyncio.gather(*(on.send("b", number, provider.known, provider.anew) for _ in range(5)))
    assert len(provider.handed_over) == 2
    assert await store.read(attachments.uploaded, number, "b", now=NOON) == "file-2"


async def test_when_the_first_fails_the_next_hands_it_over(store: Store) -> None:
    on, number, provider = await shelf(store)
    provider.failures = [errors.RecipientGone("blocked")]
    ended = await asyncio.gather(*(on.send("b", number, provider.known, provider.anew) for _ in range(3)), return_exceptions=True)
    assert sorted(str(one) for one in ended) == ["blocked", "m", "m"]
    assert len(provider.handed_over) == 1


async def test_a_name_is_only_good_until_its_time(store: Store) -> None:
    number = await store.write(attachments.keep, PDF, "a.pdf", now=NOON)
    await store.write(attachments.note_upload, number, "b", "f", NOON)
    assert await store.read(attachments.uploaded, number, "b", now=NOON - dt.timedelta(seconds=1)) == "f"
    assert await store.read(attachments.uploaded, number, "b", now=NOON) == ""
