"""Writing a notice: words, whom, when, a picture or file; what it looks like on every channel, and whom it reaches."""

from __future__ import annotations

import datetime as dt
import hmac
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import segno
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot import clock, errors
from bot.console import desk as desks
from bot.console.desk import PRIVATE, TOKEN, Desk, Posted, see_other
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.leaving import Notice
from bot.domain import attachments, audience, broadcast, ledger, night, notices, roster
from bot.domain.audience import Audience, Reached
from bot.domain.centers import Center
from bot.domain.notices import NotNow, Words
from bot.domain.roles import Member
from bot.messages import Reply
from bot.pages import forms, qr
from bot.pages.forms import Form
from bot.texts import t
from procedures.catalog import Catalog

SLUG = "thong-bao"
FARTHEST_DAYS = 400  # a span of days may begin or end so far off


class Wrong(ValueError):
    """What was typed cannot be: sentences by the field they belong to."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__(", ".join(said))
        self.said = said


class Shown(NamedTuple):
    """A notice's page: what is asked for besides the notice itself."""

    notice: Notice
    status: int = 200
    error: str = ""
    form: Form | None = None
    done: str = ""
    wrong: Mapping[str, str] = {}


@dataclass(frozen=True)
class View:
    """Everything the page shows that comes from the database."""

    reached: Reached
    reply: Reply
    length: int
    names: Mapping[str, str]
    lacking: str
    areas: list[tuple[str, int]] = field(default_factory=list)
    procedures: list[tuple[str, str]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return plain.text(self.reply)

    @property
    def minutes(self) -> int:
        """At the bots' rates, rounded up."""
        return -(-ledger.seconds(self.reached.bots) // 60)


async def page(desk: Desk, request: Request, member: Member, center: Center, shown: Shown) -> Response:
    """A draft to write, or one that waits for its second person or its time."""
    notice, typed = shown.notice, shown.form
    draft = notice.state == "draft"
    said: dict[str, str] = dict(shown.wrong)
    if draft and typed is not None and typed.one("ban"):
        try:
            notice = _typed(notice, _words(typed, notice))
        except Wrong as error:
            said |= error.said
            notice = _typed(notice, _words(typed, notice, lenient=True))
    view = await desk.store.read(_view, desk.premises, notice, clock.now())
    number = view.reached.sending
    sends = member.may("notices.send", center.id)
    values: dict[str, Any] = {
        "notice": notice, "view": view, "chosen": audience.read(notice.audience), "wrong": said, "error": shown.error, "done": shown.done,
        "writes": member.may("notices.write", center.id), "sends": sends, "second": broadcast.needs_second(notice, member.actor, number),
        "alone": broadcast.ALONE, "most": notices.LONGEST, "asleep": night.is_at(notice.send_at or clock.now()), "form": typed or Form(),
        "paste": _paste(desk.premises, notice), "qr": qr.svg(_link(desk.premises), t("notices_desk.qr_label")), "local": _local(notice.send_at),
        "day": clock.day, "wake": clock.hour(night.ends(clock.now())),
    }  # fmt: skip
    template = "console/notice_write.html" if draft else "console/notice_confirm.html"
    return desk.html(template, request, member, center, status=422 if said and shown.status == 200 else shown.status, **values)


def _typed(notice: Notice, words: Words) -> Notice:
    """The notice with what was typed and is not kept."""
    return Notice.model_construct(**notice.model_dump() | notices.row(words))


def _view(session: Session, premises: Premises, notice: Notice, now: dt.datetime) -> View:
    shared: dict[str, Any] = {
        "reached": audience.count(session, notices.target(notice)),
        "reply": notices.reply(session, notice),
        "length": notices.length(session, notice),
        "names": roster.names(session, {notice.author, notice.submitted_by, notice.confirmed_by}),
        "lacking": notices.lacking(session, notice, now=now),
    }
    if notice.state != "draft":
        return View(**shared)
    codes = audience.procedures(session, notice.center_id)
    return View(
        **shared,
        areas=audience.areas(session, notice.center_id),
        procedures=[(code, title(premises.catalog, code, clock.today(now))) for code, _ in codes],
        languages=audience.languages(session, notice.center_id),
    )


def title(catalog: Catalog, code: str, day: dt.date) -> str:
    entry = catalog.get(code, day)
    return entry.title if entry is not None else code


def _local(moment: dt.datetime | None) -> str:
    """As a field for date and time holds it."""
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""


def _link(premises: Premises) -> str:
    return f"{premises.address}/"


def _paste(premises: Premises, notice: Notice) -> str:
    """For the Zalo group of a hamlet, where no bot is: its head pastes it by hand."""
    return t("notices_desk.paste", title=notice.title, body=notice.body, link=_link(premises))


# what was typed


def version(form: Form) -> int:
    typed = form.one("ban")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def save(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> int:
    """Keep what was typed; the version it became. Nothing new is not a version. Raises Wrong or NotNow."""
    form, member, center = posted
    notice = notices.found(session, center.id, notice_id)
    words = _words(form, notice)
    read = version(form)
    if notices.words(notice) == words and notice.version == read:
        return read
    notices.edit(session, center.id, notice_id, read, words, actor=member.actor, now=now)
    return read + 1


def _words(form: Form, notice: Notice, *, lenient: bool = False) -> Words:
    wrong: dict[str, str] = {}
    chosen = audience.read(notice.audience) if notice.corrects_id is not None else _audience(form, wrong)
    send_at = _moment(form.one("luc"), wrong)
    title_, body = " ".join(form.one("tieu-de").split())[: notices.LONGEST_TITLE], form.one("noi-dung")[: 2 * notices.LONGEST]
    if wrong and not lenient:
        raise Wrong(wrong)
    return Words(title_, body, chosen, notice.attachment_id, send_at, form.one("khan") == "1")


def _audience(form: Form, wrong: dict[str, str]) -> Audience:
    booked = form.one("cach") == "co-hen"
    since, until = _date(form, "tu", wrong), _date(form, "den", wrong)
    since, until = since or until, until or since
    codes = tuple(code for code in (form.one("thu-tuc"),) if code)
    given: dict[str, Any] = {"ground": "booking" if booked else "consent", "since": since, "until": until, "procedures": codes}
    if not booked:
        given |= {"areas": tuple(sorted(set(form.all("noi")))), "language": form.one("tieng")}
    try:
        return Audience.model_validate(given)
    except ValidationError as error:
        key = next((str(item["msg"]).rpartition(" ")[2] for item in error.errors()), "span")
        wrong.setdefault("tu", t(f"notices_desk.wrong_{key}"))
        return Audience()


def _date(form: Form, name: str, wrong: dict[str, str]) -> dt.date | None:
    typed = form.one(name)
    if not typed:
        return None
    try:
        found = dt.date.fromisoformat(typed)
    except ValueError:
        found = dt.date.min
    if abs((found - clock.today(clock.now())).days) > FARTHEST_DAYS:
        wrong[name] = t("notices_desk.wrong_date")
        return None
    return found


def _moment(typed: str, wrong: dict[str, str]) -> dt.datetime | None:
    if not typed:
        return None
    try:
        local = dt.datetime.fromisoformat(typed)
        found = local.replace(tzinfo=clock.VIETNAM).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        wrong["luc"] = t("notices_desk.wrong_moment")
        return None
    if not clock.now() < found <= clock.now() + notices.AHEAD:
        wrong["luc"] = t("notices_desk.wrong_time")
    return found


# picture or file


async def attach(desk: Desk, request: Request) -> Response:
    """A picture or file to go along, or none any more. Comes as its own form: everything else of the page is small."""
    member, center = await desk.page(request, "notices.write")
    notice_id = request.path_params["id"]
    if forms.foreign(request):
        raise HTTPException(403, "foreign")
    async with request.form(max_files=1, max_fields=8, max_part_size=4096) as given:
        token, number, file = given.get(TOKEN), given.get("ban"), given.get("tep")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = file.filename or "" if isinstance(file, UploadFile) else ""
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), desk.token(request).encode()):
        raise HTTPException(403, "foreign")
    read = version(Form((("ban", str(number)),)))
    try:
        await desk.store.write(_attach, center.id, (notice_id, read), (content, name), actor=member.actor, now=clock.now())
    except errors.AttachmentRefused as error:
        return await _refused(desk, request, member, center, t(f"notices_desk.file_{error.reason}"))
    except NotNow:
        return await _refused(desk, request, member, center, t("notices_desk.no_changed"))
    return see_other(f"{desks.at(center, SLUG)}/{notice_id}?xong=tep")


async def _refused(desk: Desk, request: Request, member: Member, center: Center, error: str) -> Response:
    notice = await desk.store.read(notices.find, center.id, request.path_params["id"])
    if notice is None:
        raise HTTPException(404)
    return await page(desk, request, member, center, Shown(notice, 422, error))


def _attach(session: Session, center_id: str, which: tuple[int, int], file: tuple[bytes, str], *, actor: str, now: dt.datetime) -> None:
    """`which`: the notice and the version that was read; no file at all takes away what was there."""
    notice_id, read = which
    notice = notices.found(session, center_id, notice_id)
    kept = attachments.keep(session, *file, now=now) if any(file) else None
    words = notices.words(notice)._replace(attachment_id=kept)
    notices.edit(session, center_id, notice_id, read, words, actor=actor, now=now)


async def picture(desk: Desk, request: Request) -> Response:
    """What goes along, as staff see it in the preview."""
    _, center = await desk.page(request, "notices.read")
    found = await desk.store.read(_content, center.id, request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    headers = PRIVATE | {"Content-Disposition": "inline" if found.mime.startswith("image/") else "attachment"}
    return Response(found.content, media_type=found.mime, headers=headers)


def _content(session: Session, center_id: str, notice_id: int) -> attachments.Content | None:
    notice = notices.find(session, center_id, notice_id)
    return attachments.load(session, notice.attachment_id) if notice is not None and notice.attachment_id is not None else None


async def code(desk: Desk, request: Request) -> Response:
    """The QR code as a picture, to be sent into a group along with the text."""
    await desk.page(request, "notices.read")
    out = io.BytesIO()
    segno.make(_link(desk.premises), error="m", micro=False).save(out, kind="png", scale=12, border=4)
    return Response(out.getvalue(), media_type="image/png", headers=PRIVATE | {"Content-Disposition": 'attachment; filename="ma-qr.png"'})
