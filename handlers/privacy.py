"""What is kept, see mine, delete mine; impostors; secrets somebody typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot import clock
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import booking, dossiers, feedback, people, questions, threads, traces, visits, waitlist
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import consent, payloads, telling, visiting, welcome

# A one-time code or password is only taken for one beside its own name, with 4 to 8 digits or after "là"; a card number by
# its length. Without marks.
_NAMES = r"otp|ma\s*xac\s*(?:nhan|thuc)|ma\s*pin|mat\s*khau|password|pass"
_CODE = rf"\b(?:{_NAMES})\b\D{{0,20}}(?<!\d)\d(?:[ .-]?\d){{3,7}}(?![ .-]?\d)"
_PASSWORD = rf"\b(?:{_NAMES})\b[^.\n]{{0,40}}?(?:\bla\b|[:=])\s*(?=\S*\d)(?=\S*[^\W\d])\S{{6,}}"
_CARD = r"(?<!\d)\d(?:[ .-]?\d){15,18}(?!\d)"
_SECRET = re.compile(f"{_CODE}|{_PASSWORD}|{_CARD}")


def looks_secret(text: str) -> bool:
    lowered = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return _SECRET.search("".join(char for char in lowered if not unicodedata.combining(char))) is not None


def only_a_number(text: str) -> bool:
    """Whether the message is nothing but an identity number, a phone number or the like."""
    return traces.blotted(text.strip()) == traces.BLOT and any(char.isdigit() for char in text)


def warn_of_secret(context: Context) -> Reply:
    """Said at once, whatever else the message was about; the words themselves are not kept."""
    context.secret = True
    context.state.leave()
    state = State(tone="stop", icon="shield", title=t("privacy.secret_title"), text=(t("privacy.secret"), t("privacy.scam_do")))
    return Reply(blocks=(state,), choices=welcome.choices())


def about(context: Context, _said: Payload | Incoming) -> Reply:
    state = State(tone="note", icon="shield", title=t("privacy.title"), text=lines(context.premises.keep_days))
    others = (("consent.menu", payloads.News("")), ("chat.menu_scam", payloads.Scam()), ("linking.menu", payloads.Link()))
    options = (option(t("privacy.see"), payloads.SeeMine()), *_leave(), *(option(t(text), payload) for text, payload in others))
    return Reply(blocks=(state,), ask=t("privacy.ask"), choices=numbered(options, welcome.person()))


def lines(keep_days: int) -> tuple[str, ...]:
    """What is kept, what is not, and on what ground, in sentences."""
    return (
        t("privacy.kept", days=keep_days),
        t("privacy.not_kept"),
        t("privacy.misses"),
        t("questions.kept_privacy"),
        t("consent.kept"),
        t("privacy.basis"),
    )


def see(context: Context, _said: Payload) -> Reply:
    """Everything stored about the person, in sentences."""
    mine = people.stored(context.session, context.person_id)
    said = [t("privacy.mine_account", channel=_channel(bot), since=clock.date(clock.today(since))) for bot, since in mine.accounts]
    said.append(t("privacy.mine_messages", received=mine.received, sent=mine.sent))
    for code, made in mine.checklists:
        entry = context.premises.catalog.get(code, context.today)
        said.append(t("privacy.mine_list", name=entry.title if entry else code, made=clock.date(clock.today(made))))
    if not mine.checklists:
        said.append(t("privacy.mine_nothing"))
    state = State(tone="note", icon="shield", title=t("privacy.mine_title"), text=(*said, *_coming(context), *consent.mine(context)))
    return Reply(blocks=(state,), choices=numbered(_leave()))


def _coming(context: Context) -> Iterator[str]:
    """The person's visits, also those that are over, the days they wait for, and what came of it."""
    for visit in visits.of_person(context.session, context.person_id, live=False):
        yield t("privacy.mine_visit", when=telling.when(visit), name=telling.title(context.premises, visit))
    for wait in waitlist.of_person(context.session, context.person_id):
        yield t("privacy.mine_wait", day=clock.day(wait.day))
    for visit_id, _ in feedback.of_person(context.session, context.person_id):
        if (rated := visits.get(context.session, visit_id)) is not None:
            yield t("feedback.mine", when=telling.when(rated))
    for dossier in dossiers.of_person(context.session, context.person_id):
        yield t("dossiers.mine", receipt=dossier.receipt, day=clock.date(clock.today(dossier.received_at)))
    for question in questions.of_person(context.session, context.person_id):
        yield t("questions.mine", made=clock.date(clock.today(question.asked_at)))


def _leave() -> tuple[Choice, Choice]:
    return option(t("privacy.forget"), payloads.Forget(sure=False)), option(t("privacy.back"), payloads.Menu())


def _channel(bot: str) -> str:
    """A bot is named `channel` or `channel:its id`."""
    return t(f"privacy.channel_{bot.split(':', maxsplit=1)[0]}")


def forget(context: Context, said: payloads.Forget) -> Reply:
    """Asks once, then deletes for good."""
    if not said.sure:
        options = (option(t("privacy.sure_yes"), payloads.Forget(sure=True)), option(t("privacy.sure_no"), payloads.KeepAll()))
        return Reply(ask=t("privacy.sure"), choices=numbered(options))
    booking.cancel_all(context.session, context.person_id, actor=visiting.CITIZEN, now=context.now)
    threads.forget(context.session, context.person_id, now=context.now)
    people.forget(context.session, context.person_id)
    visiting.offer_free(context.session, now=context.now)
    return Reply(blocks=(State(icon="tick", title=t("privacy.forgotten_title"), text=(t("privacy.forgotten"),)),))


def keep_all(context: Context, _said: Payload) -> Reply:
    return Reply(blocks=(Say(text=t("privacy.kept_all")),), choices=welcome.choices())


def scam(context: Context, _said: Payload | Incoming) -> Reply:
    text = (t("privacy.scam"), t("privacy.scam_do"), t("privacy.scam_real"))
    state = State(tone="stop", icon="shield", title=t("privacy.scam_title"), text=text)
    return Reply(blocks=(state,), choices=numbered((option(t("privacy.back"), payloads.Menu()),), welcome.person()))
