"""What a button can mean. Tags are short: with ids of at most 20 characters every payload fits 64 bytes."""

from __future__ import annotations

from bot.conversation.payloads import Codec, Payload


class Menu(Payload, tag="m"):
    pass


class Ask(Payload, tag="h"):
    pass


class AskAgain(Payload, tag="ha"):
    pass


class Open(Payload, tag="p"):
    """Begin with the procedure of this code, whatever its depth."""

    code: str


class Event(Payload, tag="ev"):
    """The bundle of a life event."""

    event: str


class Events(Payload, tag="evs"):
    pass


class Answer(Payload, tag="a"):
    checklist: int
    question: str
    option: str


class Edit(Payload, tag="e"):
    """Show all answers of a list, to change one."""

    checklist: int


class Change(Payload, tag="c"):
    """Ask one question again."""

    checklist: int
    question: str


class Show(Payload, tag="l"):
    checklist: int


class Mine(Payload, tag="lm"):
    pass


class Ticks(Payload, tag="ts"):
    """The menu in which papers are ticked by number."""

    checklist: int


class Tick(Payload, tag="t"):
    """Says what shall be, not what to toggle: a double tap changes nothing."""

    checklist: int
    document: str
    have: bool


class Share(Payload, tag="s"):
    checklist: int


class Renew(Payload, tag="r"):
    """Make the list again from today's entry."""

    checklist: int


class Person(Payload, tag="n"):
    pass


class Privacy(Payload, tag="pr"):
    pass


class SeeMine(Payload, tag="ps"):
    pass


class Forget(Payload, tag="pf"):
    sure: bool


class KeepAll(Payload, tag="pk"):
    pass


class Places(Payload, tag="x"):
    """Ask where a former commune is today."""


class Place(Payload, tag="xo"):
    """The place of this code in the table."""

    code: str


class Scam(Payload, tag="sc"):
    pass


class Book(Payload, tag="b"):
    """Book a time; for the person's list of this number, or 0."""

    checklist: int


class BookAt(Payload, tag="bt"):
    """At this center, where the installation serves several."""

    checklist: int
    center: str


class BookAnyway(Payload, tag="by"):
    """Papers are missing and the person books all the same."""

    checklist: int


class BookWhom(Payload, tag="bh"):
    """Ask for whom."""

    checklist: int


class BookFor(Payload, tag="bf"):
    """Who comes: "" for oneself, else a key of booking.OTHERS."""

    checklist: int
    behalf: str


class Days(Payload, tag="bn"):
    """The days from `date` (as 20261125) on. `visit`: the booking that is moved, or 0."""

    checklist: int
    visit: int
    date: int


class Day(Payload, tag="bd"):
    """The times of one day; `date` as 20261125. `part`: 0 all, 1 morning, 2 afternoon."""

    checklist: int
    visit: int
    date: int
    part: int


class Slot(Payload, tag="bs"):
    """Keep a seat at this time; `minute` is the UTC minute since 1970."""

    checklist: int
    visit: int
    minute: int


class Confirm(Payload, tag="bc"):
    """Book what is held."""

    visit: int


class Visits(Payload, tag="bm"):
    """The person's bookings and tickets."""


class Visit(Payload, tag="bv"):
    """One booking or ticket."""

    visit: int


class Move(Payload, tag="bx"):
    visit: int


class Cancel(Payload, tag="bk"):
    """Asked first, then done when `sure`."""

    visit: int
    sure: bool


class Late(Payload, tag="bl"):
    visit: int


class Queue(Payload, tag="bw"):
    """Wait for a free seat on a full day; `date` as 20261125."""

    checklist: int
    date: int


class LeaveQueue(Payload, tag="bq"):
    """Give up waiting for a free seat."""

    wait: int


class SignIn(Payload, tag="si"):
    """A member of staff asks for the link to the console."""


class GroupFor(Payload, tag="gf"):
    """What a group chat is for: staff or citizens."""

    purpose: str


class GroupAt(Payload, tag="ga"):
    """Whose it is; `center` is group_setup.mark, because an id may be too long here."""

    purpose: str
    center: str


class GroupHours(Payload, tag="gh"):
    """When it is answered there: "" always, or "center"."""

    hours: str


class GroupSlow(Payload, tag="gs"):
    """Seconds between two questions of one member."""

    seconds: int


class Practise(Payload, tag="u"):
    """A helper wants an exercise; `code` "" for any."""

    code: str


class Picked(Payload, tag="up"):
    """One paper of an exercise taken or put back, by its place in the list."""

    practice: int
    paper: int
    take: bool


class Practised(Payload, tag="ud"):
    """Correct what was picked."""

    practice: int


class AskStaff(Payload, tag="qa"):
    """Begin a question to staff; with the words nobody could answer, where there are some."""


class SendQuestion(Payload, tag="qs"):
    """Agree to the draft with this mark: what is sent is what was read."""

    mark: str


class RewriteQuestion(Payload, tag="qw"):
    pass


class AskMore(Payload, tag="qm"):
    """Add something to a question that is not closed."""

    question: int


class EndQuestion(Payload, tag="qd"):
    """Whoever asked needs nothing more."""

    question: int


class RateAnswer(Payload, tag="qr"):
    """1 to 5, or 0 to say nothing."""

    question: int
    rating: int


class SendFile(Payload, tag="qf"):
    """Whether the picture or file just sent shows no identity paper and may go on."""

    clean: bool


class TakeQuestion(Payload, tag="qt"):
    """In the staff group: whoever presses answers it."""

    question: int


class PassQuestion(Payload, tag="qp"):
    """Ask who shall have it."""

    question: int


class PassQuestionTo(Payload, tag="qo"):
    """This member of staff, or everybody (0)."""

    question: int
    staff: int


class ShutQuestion(Payload, tag="qc"):
    """Staff close it; asked first where it has no answer."""

    question: int
    sure: bool


class KeepQuestion(Payload, tag="qk"):
    question: int


class SendHeld(Payload, tag="qv"):
    """Send an answer that was held back, as somebody else had been first."""

    message: int


class News(Payload, tag="nt"):
    """Notices of a center: the question, or how it stands. "" is the only center, or asks which."""

    center: str


class NewsYes(Payload, tag="ny"):
    center: str


class NewsNo(Payload, tag="nn"):
    center: str


class NewsWhere(Payload, tag="nw"):
    """Ask where somebody lives."""

    center: str


class NewsArea(Payload, tag="na"):
    """They live in this former commune; "-" does not say."""

    code: str


class NewsStop(Payload, tag="ns"):
    """No notices any more, from no center."""


class NoticesAt(Payload, tag="ta"):
    """Staff: the notices of this center."""

    center: str


class NoticeNew(Payload, tag="tn"):
    center: str


class NoticeOpen(Payload, tag="to"):
    notice: int


class NoticeEdit(Payload, tag="te"):
    """Write its text anew."""

    notice: int


class NoticeDo(Payload, tag="td"):
    """One step with this version: test, submit, drop, back, confirm."""

    notice: int
    version: int
    step: str


class Link(Payload, tag="lk"):
    """Show a code that joins this account with one on another channel."""


class LinkYes(Payload, tag="ly"):
    """Join with the account the code was shown to; `code` is its hash."""

    code: str


class LinkNo(Payload, tag="ln"):
    code: str


class Unlink(Payload, tag="lu"):
    sure: bool


class RateVisit(Payload, tag="fv"):
    """Say how a visit was; goes on where it was left."""

    visit: int


class RateFactor(Payload, tag="fl"):
    """One factor (its place among the five): 1 to 5, 0 does not apply, 9 skips it."""

    feedback: int
    step: int
    level: int


class RatePaper(Payload, tag="fp"):
    """This paper was asked for beyond the list; `paper` is a hash of its name."""

    feedback: int
    paper: str


class RateStep(Payload, tag="fs"):
    """other (paper), papers (no more), end, again, call."""

    feedback: int
    step: str


class Survey(Payload, tag="sv"):
    """Being asked after each visit to this center: the question; yes; no."""

    center: str
    answer: str


class Dossiers(Payload, tag="d"):
    """Ask for the code on a slip."""


class FollowDossier(Payload, tag="df"):
    """Be told what happens to the dossier with exactly this code."""

    code: str


class DigestDay(Payload, tag="k"):
    """The obstacles of one center's day."""

    digest: int


class Obstacle(Payload, tag="ko"):
    """One of them, as it stands now."""

    line: int


class GiveObstacle(Payload, tag="kg"):
    """Ask whom; colleagues from this place in the list on."""

    line: int
    start: int


class GiveObstacleTo(Payload, tag="kt"):
    """To this colleague, 0 nobody. `was`: whose work it was when that was asked."""

    line: int
    staff: int
    was: int


class TickObstacle(Payload, tag="kx"):
    """Says what shall be, not what to toggle."""

    line: int
    done: bool


class ReportObstacle(Payload, tag="kr"):
    """Upward: first asked what to say with it; `bare` without any words."""

    line: int
    bare: bool


CODEC = Codec(Payload.__subclasses__())
