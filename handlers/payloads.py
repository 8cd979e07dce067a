"""What a button can mean. Tags are short: with ids of at most 20 characters every payload fits 64 bytes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.payloads import Codec, Payload


@dataclass(frozen=True)
class Menu(Payload):
    tag = "m"


@dataclass(frozen=True)
class Ask(Payload):
    tag = "h"


@dataclass(frozen=True)
class AskAgain(Payload):
    tag = "ha"


@dataclass(frozen=True)
class Open(Payload):
    """Begin with the procedure of this code, whatever its depth."""

    tag = "p"
    code: str


@dataclass(frozen=True)
class Event(Payload):
    """The bundle of a life event."""

    tag = "ev"
    event: str


@dataclass(frozen=True)
class Events(Payload):
    tag = "evs"


@dataclass(frozen=True)
class Answer(Payload):
    tag = "a"
    checklist: int
    question: str
    option: str


@dataclass(frozen=True)
class Edit(Payload):
    """Show all answers of a list, to change one."""

    tag = "e"
    checklist: int


@dataclass(frozen=True)
class Change(Payload):
    """Ask one question again."""

    tag = "c"
    checklist: int
    question: str


@dataclass(frozen=True)
class Show(Payload):
    tag = "l"
    checklist: int


@dataclass(frozen=True)
class Mine(Payload):
    tag = "lm"


@dataclass(frozen=True)
class Ticks(Payload):
    """The menu in which papers are ticked by number."""

    tag = "ts"
    checklist: int


@dataclass(frozen=True)
class Tick(Payload):
    """Says what shall be, not what to toggle: a double tap changes nothing."""

    tag = "t"
    checklist: int
    document: str
    have: bool


@dataclass(frozen=True)
class Share(Payload):
    tag = "s"
    checklist: int


@dataclass(frozen=True)
class Renew(Payload):
    """Make the list again from today's entry."""

    tag = "r"
    checklist: int


@dataclass(frozen=True)
class Person(Payload):
    tag = "n"


@dataclass(frozen=True)
class Privacy(Payload):
    tag = "pr"


@dataclass(frozen=True)
class SeeMine(Payload):
    tag = "ps"


@dataclass(frozen=True)
class Forget(Payload):
    tag = "pf"
    sure: bool


@dataclass(frozen=True)
class KeepAll(Payload):
    tag = "pk"


@dataclass(frozen=True)
class Places(Payload):
    """Ask where a former commune is today."""

    tag = "x"


@dataclass(frozen=True)
class Place(Payload):
    """The place of this code in the table."""

    tag = "xo"
    code: str


@dataclass(frozen=True)
class Scam(Payload):
    tag = "sc"


@dataclass(frozen=True)
class Book(Payload):
    """Book a time; for the person's list of this number, or 0."""

    tag = "b"
    checklist: int


@dataclass(frozen=True)
class BookAt(Payload):
    """At this center, where the installation serves several."""

    tag = "bt"
    checklist: int
    center: str


@dataclass(frozen=True)
class BookAnyway(Payload):
    """Papers are missing and the person books all the same."""

    tag = "by"
    checklist: int


@dataclass(frozen=True)
class BookWhom(Payload):
    """Ask for whom."""

    tag = "bh"
    checklist: int


@dataclass(frozen=True)
class BookFor(Payload):
    """Who comes: "" for oneself, else a key of booking.OTHERS."""

    tag = "bf"
    checklist: int
    behalf: str


@dataclass(frozen=True)
class Days(Payload):
    """The days from `date` (as 20261125) on. `visit`: the booking that is moved, or 0."""

    tag = "bn"
    checklist: int
    visit: int
    date: int


@dataclass(frozen=True)
class Day(Payload):
    """The times of one day; `date` as 20261125. `part`: 0 all, 1 morning, 2 afternoon."""

    tag = "bd"
    checklist: int
    visit: int
    date: int
    part: int


@dataclass(frozen=True)
class Slot(Payload):
    """Keep a seat at this time; `minute` is the UTC minute since 1970."""

    tag = "bs"
    checklist: int
    visit: int
    minute: int


@dataclass(frozen=True)
class Confirm(Payload):
    """Book what is held."""

    tag = "bc"
    visit: int


@dataclass(frozen=True)
class Visits(Payload):
    """The person's bookings and tickets."""

    tag = "bm"


@dataclass(frozen=True)
class Visit(Payload):
    """One booking or ticket."""

    tag = "bv"
    visit: int


@dataclass(frozen=True)
class Move(Payload):
    tag = "bx"
    visit: int


@dataclass(frozen=True)
class Cancel(Payload):
    """Asked first, then done when `sure`."""

    tag = "bk"
    visit: int
    sure: bool


@dataclass(frozen=True)
class Late(Payload):
    tag = "bl"
    visit: int


@dataclass(frozen=True)
class Queue(Payload):
    """Wait for a free seat on a full day; `date` as 20261125."""

    tag = "bw"
    checklist: int
    date: int


@dataclass(frozen=True)
class LeaveQueue(Payload):
    """Give up waiting for a free seat."""

    tag = "bq"
    wait: int


@dataclass(frozen=True)
class SignIn(Payload):
    """A member of staff asks for the link to the console."""

    tag = "si"


@dataclass(frozen=True)
class GroupFor(Payload):
    """What a group chat is for: staff or citizens."""

    tag = "gf"
    purpose: str


@dataclass(frozen=True)
class GroupAt(Payload):
    """Whose it is; `center` is group_setup.mark, because an id may be too long here."""

    tag = "ga"
    purpose: str
    center: str


@dataclass(frozen=True)
class GroupHours(Payload):
    """When it is answered there: "" always, or "center"."""

    tag = "gh"
    hours: str


@dataclass(frozen=True)
class GroupSlow(Payload):
    """Seconds between two questions of one member."""

    tag = "gs"
    seconds: int


@dataclass(frozen=True)
class Practise(Payload):
    """A helper wants an exercise; `code` "" for any."""

    tag = "u"
    code: str


@dataclass(frozen=True)
class Picked(Payload):
    """One paper of an exercise taken or put back, by its place in the list."""

    tag = "up"
    practice: int
    paper: int
    take: bool


@dataclass(frozen=True)
class Practised(Payload):
    """Correct what was picked."""

    tag = "ud"
    practice: int


@dataclass(frozen=True)
class AskStaff(Payload):
    """Begin a question to staff; with the words nobody could answer, where there are some."""

    tag = "qa"


@dataclass(frozen=True)
class SendQuestion(Payload):
    """Agree to the draft with this mark: what is sent is what was read."""

    tag = "qs"
    mark: str


@dataclass(frozen=True)
class RewriteQuestion(Payload):
    tag = "qw"


@dataclass(frozen=True)
class AskMore(Payload):
    """Add something to a question that is not closed."""

    tag = "qm"
    question: int


@dataclass(frozen=True)
class EndQuestion(Payload):
    """Whoever asked needs nothing more."""

    tag = "qd"
    question: int


@dataclass(frozen=True)
class RateAnswer(Payload):
    """1 to 5, or 0 to say nothing."""

    tag = "qr"
    question: int
    rating: int


@dataclass(frozen=True)
class SendFile(Payload):
    """Whether the picture or file just sent shows no identity paper and may go on."""

    tag = "qf"
    clean: bool


@dataclass(frozen=True)
class TakeQuestion(Payload):
    """In the staff group: whoever presses answers it."""

    tag = "qt"
    question: int


@dataclass(frozen=True)
class PassQuestion(Payload):
    """Ask who shall have it."""

    tag = "qp"
    question: int


@dataclass(frozen=True)
class PassQuestionTo(Payload):
    """This member of staff, or everybody (0)."""

    tag = "qo"
    question: int
    staff: int


@dataclass(frozen=True)
class ShutQuestion(Payload):
    """Staff close it; asked first where it has no answer."""

    tag = "qc"
    question: int
    sure: bool


@dataclass(frozen=True)
class KeepQuestion(Payload):
    tag = "qk"
    question: int


@dataclass(frozen=True)
class SendHeld(Payload):
    """Send an answer that was held back, as somebody else had been first."""

    tag = "qv"
    message: int


@dataclass(frozen=True)
class News(Payload):
    """Notices of a center: the question, or how it stands. "" is the only center, or asks which."""

    tag = "nt"
    center: str


@dataclass(frozen=True)
class NewsYes(Payload):
    tag = "ny"
    center: str


@dataclass(frozen=True)
class NewsNo(Payload):
    tag = "nn"
    center: str


@dataclass(frozen=True)
class NewsWhere(Payload):
    """Ask where somebody lives."""

    tag = "nw"
    center: str


@dataclass(frozen=True)
class NewsArea(Payload):
    """They live in this former commune; "-" does not say."""

    tag = "na"
    code: str


@dataclass(frozen=True)
class NewsStop(Payload):
    """No notices any more, from no center."""

    tag = "ns"


@dataclass(frozen=True)
class NoticesAt(Payload):
    """Staff: the notices of this center."""

    tag = "ta"
    center: str


@dataclass(frozen=True)
class NoticeNew(Payload):
    tag = "tn"
    center: str


@dataclass(frozen=True)
class NoticeOpen(Payload):
    tag = "to"
    notice: int


@dataclass(frozen=True)
class NoticeEdit(Payload):
    """Write its text anew."""

    tag = "te"
    notice: int


@dataclass(frozen=True)
class NoticeDo(Payload):
    """One step with this version: test, submit, drop, back, confirm."""

    tag = "td"
    notice: int
    version: int
    step: str


@dataclass(frozen=True)
class Link(Payload):
    """Show a code that joins this account with one on another channel."""

    tag = "lk"


@dataclass(frozen=True)
class LinkYes(Payload):
    """Join with the account the code was shown to; `code` is its hash."""

    tag = "ly"
    code: str


@dataclass(frozen=True)
class LinkNo(Payload):
    tag = "ln"
    code: str


@dataclass(frozen=True)
class Unlink(Payload):
    tag = "lu"
    sure: bool


@dataclass(frozen=True)
class RateVisit(Payload):
    """Say how a visit was; goes on where it was left."""

    tag = "fv"
    visit: int


@dataclass(frozen=True)
class RateFactor(Payload):
    """One factor (its place among the five): 1 to 5, 0 does not apply, 9 skips it."""

    tag = "fl"
    feedback: int
    step: int
    level: int


@dataclass(frozen=True)
class RatePaper(Payload):
    """This paper was asked for beyond the list; `paper` is a hash of its name."""

    tag = "fp"
    feedback: int
    paper: str


@dataclass(frozen=True)
class RateStep(Payload):
    """other (paper), papers (no more), end, again, call."""

    tag = "fs"
    feedback: int
    step: str


@dataclass(frozen=True)
class Survey(Payload):
    """Being asked after each visit to this center: the question; yes; no."""

    tag = "sv"
    center: str
    answer: str


@dataclass(frozen=True)
class Dossiers(Payload):
    """Ask for the code on a slip."""

    tag = "d"


@dataclass(frozen=True)
class FollowDossier(Payload):
    """Be told what happens to the dossier with exactly this code."""

    tag = "df"
    code: str


CODEC = Codec(Payload.__subclasses__())
