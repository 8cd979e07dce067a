"""Saying how a visit was, one thing a message: five factors, papers asked for too many, a word, and a wish to be written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import clock
from bot.conversation import choose
from bot.conversation.context import Context, numbered, option
from bot.domain import consent, feedback, feedback_papers, visits
from bot.domain.consent import Who
from bot.domain.feedback import FACTORS, Asked, Feedback, Giver
from bot.domain.visits import Visit
from bot.messages import Block, Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import ask, cards, feedback_duties, payloads, privacy, questions, telling, welcome
from handlers.feedback_duties import SKIP
from procedures.text import fold

TOPIC = "feedback"
PAPERS, COMMENT = len(FACTORS), len(FACTORS) + 1  # the steps after the factors
FRESH = dt.timedelta(hours=1)  # who comes back later with words has something else in mind
_ROW, _STEP, _SINCE = "feedback", "feedback_step", "feedback_since"


def begin(context: Context, said: payloads.RateVisit) -> Reply:
    """From the message that ended the visit; said again it goes on where it was left."""
    visit = visits.get(context.session, said.visit)
    if visit is None or visit.person_id != context.person_id or not feedback.rateable(visit):
        return _lost(context)
    row = _started(context, visit)
    if not row.changeable(context.now):
        return _over(context)
    return _end(context, row) if row.done_at is not None else _step(context, row, _next(row))


def _started(context: Context, visit: Visit) -> Feedback:
    channel = context.incoming.bot.partition(":")[0]
    device = feedback.device(context.premises.key, f"account:{context.account_id}", context.today)
    field = feedback_duties.field_of(context.premises, visit)
    return feedback.start(context.session, visit, field, Giver(channel, device), now=context.now)


def _next(row: Feedback) -> int:
    """The first factor nobody answered; past them, the papers."""
    return next((place for place, level in enumerate(row.levels.values()) if level is None), PAPERS)


def _own(context: Context, feedback_id: int) -> tuple[Feedback, Visit] | None:
    """A number in a button opens nobody else's."""
    row = feedback.get(context.session, feedback_id)
    visit = visits.get(context.session, row.visit_id) if row is not None and row.visit_id is not None else None
    if row is None or visit is None or visit.person_id != context.person_id:
        return None
    return _started(context, visit) if row.begun_at is None else row, visit


def _lost(context: Context) -> Reply:
    _leave(context)
    state = State(icon="info", title=t("feedback.not_here_title"), text=(t("feedback.not_here"),))
    return Reply(blocks=(state,), choices=welcome.choices())


def _over(context: Context) -> Reply:
    _leave(context)
    return Reply(blocks=(State(icon="tick", title=t("feedback.over_title"), text=(t("feedback.over"),)),), choices=welcome.choices())


def factor(context: Context, said: payloads.RateFactor) -> Reply:
    """Keep one level at once, and ask the next."""
    found = _own(context, said.feedback)
    if found is None or said.step >= len(FACTORS) or said.level not in (*feedback.LEVELS, feedback.DOES_NOT_APPLY, SKIP):
        return _lost(context)
    row = found[0]
    if not row.changeable(context.now):
        return _over(context)
    if said.level != SKIP:
        feedback.rate(context.session, row, {FACTORS[said.step]: said.level}, now=context.now)
    return _step(context, row, said.step + 1)


def _step(context: Context, row: Feedback, step: int, blocks: Sequence[Block] = ()) -> Reply:
    _leave(context)
    if step == PAPERS:
        return _ask_papers(context, row, blocks)
    if step == COMMENT:
        return _ask_comment(context, row, blocks)
    title = (Say(text=_title(context, row)),) if step == 0 else ()
    choices = feedback_duties.levels(row.id, step)
    number, asked = t("feedback.step", number=step + 1), t(f"feedback.{FACTORS[step]}")
    return _shown(context, row, Reply(blocks=(*blocks, *title), step=number, ask=asked, choices=choices))


def _title(context: Context, row: Feedback) -> str:
    visit = visits.get(context.session, row.visit_id or 0)
    when = t("feedback.begin_title", when=telling.when(visit)) if visit is not None else ""
    return f"{when}. {t('feedback.anonymous')}"


def _shown(context: Context, row: Feedback, reply: Reply) -> Reply:
    """One message that changes, where a button was pressed; below what was typed."""
    pressed = context.incoming.kind == "choice"
    return reply.model_copy(update={"key": feedback_duties.key(row.visit_id or 0), "in_place": pressed})


# papers


def _ask_papers(context: Context, row: Feedback, blocks: Sequence[Block] = ()) -> Reply:
    had = {fold(paper.name) for paper in row.asked_for}
    offered = [paper for paper in _candidates(context, row) if fold(paper.name) not in had]
    picks = [option(paper.name, payloads.RatePaper(row.id, paper.mark), hint=t(f"feedback.papers_{paper.why}")) for paper in offered]
    none = t("feedback.papers_enough") if had else t("feedback.papers_none")
    other = option(t("feedback.papers_other"), payloads.RateStep(row.id, "other"))
    end = option(none, payloads.RateStep(row.id, "papers"), words=("khong", "khong co", "het", "bo qua"))
    asked = t("feedback.papers_more") if had else t("feedback.papers_ask")
    return _shown(context, row, Reply(blocks=tuple(blocks), ask=asked, choices=numbered((*picks, other, end), welcome.person())))


def _candidates(context: Context, row: Feedback) -> list[feedback_papers.Candidate]:
    visit = visits.get(context.session, row.visit_id or 0)
    catalog = context.premises.catalog
    if visit is None:
        return feedback_papers.of_procedure(catalog, row.procedure, context.today)
    return feedback_papers.of_visit(context.session, catalog, visit)


def paper(context: Context, said: payloads.RatePaper) -> Reply:
    """Picked from what may have been asked for too many."""
    found = _own(context, said.feedback)
    if found is None:
        return _lost(context)
    picked = next((one for one in _candidates(context, found[0]) if one.mark == said.paper), None)
    return _step(context, found[0], PAPERS) if picked is None else _keep_paper(context, found[0], picked.asked)


def _keep_paper(context: Context, row: Feedback, asked: Asked) -> Reply:
    named = feedback_papers.recognised(context.premises.catalog, row.procedure, context.today, (*row.asked_for, asked))
    if not feedback.papers(context.session, row, named, now=context.now):
        return _over(context)
    kept = feedback.get(context.session, row.id) or row
    if not kept.asked_for:  # "không có"
        return _step(context, kept, COMMENT)
    return _step(context, kept, PAPERS, (Say(text=t("feedback.papers_kept", name=kept.asked_for[-1].name)),))


# words


def _ask_comment(context: Context, row: Feedback, blocks: Sequence[Block] = ()) -> Reply:
    _listen(context, row, "comment")
    skip = option(t("feedback.skip"), payloads.RateStep(row.id, "end"), words=("bo qua", "khong", "khong co", "thoi"))
    asked, why = t("feedback.comment_ask"), t("feedback.comment_why")
    return _shown(context, row, Reply(blocks=tuple(blocks), ask=asked, why=why, choices=numbered((skip,), welcome.person())))


def _listen(context: Context, row: Feedback, step: str) -> None:
    context.state.topic = TOPIC
    context.state.data = {**context.state.data, _ROW: str(row.id), _STEP: step, _SINCE: context.now.isoformat()}


def _leave(context: Context) -> None:
    context.state.leave()
    context.state.data = {name: value for name, value in context.state.data.items() if name not in (_ROW, _STEP, _SINCE)}


def typed(context: Context, said: Incoming) -> Reply | Sequence[Reply]:
    """The remark, or the name of a paper; words that come much later are about something else."""
    data = context.state.data
    found = _own(context, int(data.get(_ROW, "0")))
    if found is None or context.now - dt.datetime.fromisoformat(data[_SINCE]) > FRESH:
        _leave(context)
        return ask.ask(context, said)
    if privacy.looks_secret(said.text):
        return privacy.warn_of_secret(context)
    if not fold(said.text) or choose.short_numbers(said.text):
        return Reply(blocks=(Say(text=t("chat.not_number")),), choices=context.state.menu)
    row = found[0]
    if data[_STEP] == "paper":
        return _keep_paper(context, row, Asked("", said.text))
    kept = feedback.remark(context.session, row, said.text, now=context.now)
    return _end(context, row) if kept else _over(context)


# the end


def step(context: Context, said: payloads.RateStep) -> Reply:
    found = _own(context, said.feedback)
    if found is None:
        return _lost(context)
    row = found[0]
    if said.step == "call":
        return _call(context, row)
    if not row.changeable(context.now):
        return _over(context)
    if said.step == "other":
        _listen(context, row, "paper")
        back = option(t("feedback.skip"), payloads.RateStep(row.id, "papers"), words=("bo qua", "thoi"))
        return _shown(context, row, Reply(ask=t("feedback.papers_type"), choices=numbered((back,), welcome.person())))
    if said.step == "papers":
        return _step(context, row, COMMENT)
    return _step(context, row, 0) if said.step == "again" else _end(context, row)


def _end(context: Context, row: Feedback, blocks: Sequence[Block] = ()) -> Reply:
    """Thanks, and what can still be done."""
    _leave(context)
    done = feedback.finish(context.session, row, now=context.now)
    state = State(icon="tick", title=t("feedback.thanks_title"), text=thanks(done))
    return _shown(context, row, Reply(blocks=(*blocks, state), choices=numbered((*_offers(context, done),), welcome.person())))


def thanks(row: Feedback) -> tuple[str, ...]:
    assert row.done_at is not None
    due = (t("feedback.thanks_due", day=clock.day(row.reply_due)),) if row.reply_due is not None and row.replied_at is None else ()
    return t("feedback.thanks"), *due, t("feedback.thanks_until", hour=clock.hour(row.done_at + feedback.CHANGEABLE))


def _offers(context: Context, row: Feedback) -> Sequence[Choice]:
    offered = []
    if feedback_duties.can_call(context.session, row):
        offered.append(option(t("feedback.call"), payloads.RateStep(row.id, "call"), hint=t("feedback.call_hint")))
    offered.append(option(t("feedback.change"), payloads.RateStep(row.id, "again")))
    rings = context.incoming.bot not in context.premises.silent
    if rings and not consent.asked(context.session, _who(context, row.center_id)):
        offered.append(option(t("feedback.survey_offer"), payloads.Survey(row.center_id, "")))
    return (*offered, option(t("privacy.back"), payloads.Menu()))


def _call(context: Context, row: Feedback) -> Reply:
    question = feedback_duties.call(context.session, context.premises, row, now=context.now)
    if question is None:
        return Reply(blocks=(Say(text=t("feedback.cannot_call")),), choices=welcome.choices())
    center = context.premises.directory.get(question.center_id) or context.premises.center
    state = State(icon="person", title=t("feedback.called_title"), text=(cards.promise(center, question, context.now), t("feedback.called")))
    return Reply(blocks=(state,), choices=numbered(questions.deeds(question)))


# being asked next time


def survey(context: Context, said: payloads.Survey) -> Reply:
    """One question with the words that are kept, never ticked beforehand."""
    center = context.premises.directory.get(said.center) or context.premises.center
    wording, who = t("feedback.survey_wording", center=center.name), _who(context, center.id)
    way = context.incoming.bot.partition(":")[0]
    if said.answer == "yes":
        consent.give(context.session, who, wording, way, now=context.now)
        return Reply(blocks=(State(icon="tick", title=t("feedback.survey_agreed")),), choices=welcome.choices())
    if said.answer == "no":
        consent.refuse(context.session, who, wording, way, now=context.now)
        return Reply(blocks=(State(icon="tick", title=t("feedback.survey_declined")),), choices=welcome.choices())
    options = [option(t(f"feedback.survey_{answer}"), payloads.Survey(center.id, answer)) for answer in ("yes", "no")]
    state = State(tone="note", icon="bell", title=t("feedback.survey_title"), text=(wording, t("feedback.survey_how")))
    return Reply(blocks=(state,), choices=numbered(options, welcome.person()))


def _who(context: Context, center_id: str) -> Who:
    return Who(context.person_id, center_id, "survey", context.account_id)
