"""Practice of helpers in a chat: a situation is told, they pick the papers, every one of them is corrected with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import choose, plain
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import exercises, practice, staff
from bot.domain.exercises import Exercise
from bot.domain.practice import Kept
from bot.domain.roles import Member
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import listing, payloads, presenting, welcome
from procedures import checklist
from procedures.catalog import Catalog
from procedures.models import Procedure

WORDS = frozenset(["luyen tap", "luyentap", "bai tap", "lam bai tap", "luyen tap giay to"])


# what is said about an exercise, in the chat and on the page


def case(entry: Procedure, exercise: Exercise) -> str:
    """The situation in a sentence or two."""
    made = checklist.build(entry, exercise.answers)
    situation = presenting.situation(made, {**made.assumed, **made.answers})
    return t("practice.case_of", name=entry.title, situation=situation) if situation else t("practice.case", name=entry.title)


def why(catalog: Catalog, entry: Procedure, exercise: Exercise, place: int) -> str:
    """Why a paper is wrong here, or why it is needed."""
    offer = exercise.papers[place]
    if offer.code != entry.code:
        other = catalog.procedures.get(offer.code)
        return t("practice.why_other", name=other.title) if other is not None else t("practice.why_not")
    document = entry.document(offer.document)
    made = checklist.build(entry, exercise.answers)
    given = {**made.assumed, **made.answers}
    if document is None:
        return t("practice.why_not")
    if offer.right:
        holding = next((line for line in document.when if checklist.holds((line,), given)), ())
        said = _conditions(entry, [(question, [given[question]]) for question, _ in holding])
        return t("practice.why_here", what=said) if said else t("practice.why_always") if not document.when else ""
    said = _conditions(entry, exercises.needed_when(entry, document.when, given))
    return t("practice.why_when", what=said) if said else t("practice.why_not")


def _conditions(entry: Procedure, needed: Sequence[tuple[str, Sequence[str]]]) -> str:
    """ "Ai đi nộp: người khác đi thay; …" """
    said = []
    for name, keys in needed:
        question = entry.question(name)
        options = [question.option(key) for key in keys] if question is not None else []
        answer = t("practice.or").join(f"“{found.label}”" for found in options if found is not None)
        if question is not None and answer:
            said.append(t("practice.condition", ask=question.ask.rstrip("? "), answer=answer))
    return t("practice.and").join(said)


# the chat


def helper(context: Context) -> Member | None:
    """Whose chat this is, if they may practise."""
    member = staff.of_account(context.session, context.incoming.bot, context.incoming.address)
    centers = context.premises.directory.all
    return member if member is not None and any(member.may("practice", center.id) for center in centers) else None


def begin(context: Context, said: payloads.Practise | Incoming) -> Reply:
    """An exercise with the procedure named, or with one that suits."""
    context.state.leave()
    member = helper(context)
    if member is None:
        return _not_helper()
    code = said.code if isinstance(said, payloads.Practise) else ""
    code = code or practice.suggest(context.session, context.premises.catalog, member.id, now=context.now)
    made = practice.begin(context.session, context.premises.catalog, member.id, code, now=context.now) if code else None
    if made is None:
        return Reply(blocks=(Say(text=t("practice.none")),), choices=welcome.choices())
    return _shown(context, made)


def _not_helper() -> Reply:
    state = State(tone="note", icon="people", title=t("practice.only_helpers_title"), text=(t("practice.only_helpers"),))
    return Reply(blocks=(state,), choices=welcome.choices())


def _shown(context: Context, kept: Kept) -> Reply:
    """The situation, and its papers as a menu of which several may be picked."""
    entry = practice.entry_of(context.premises.catalog, kept, context.today)
    if entry is None:
        return _changed()
    papers = kept.exercise.papers
    options = [_paper(kept, place, offer.name, taken=place in kept.taken) for place, offer in enumerate(papers)]
    done = option(t("practice.done"), payloads.Practised(kept.id), words=("xong", "cham", "cham bai"))
    return Reply(
        blocks=(Say(text=case(entry, kept.exercise)),),
        ask=t("practice.ask"),
        why=t("practice.ask_hint"),
        choices=numbered(options, done),
        many=True,
        key=f"practice:{kept.id}",
        in_place=context.incoming.kind == "choice",
    )


def _paper(kept: Kept, place: int, name: str, *, taken: bool) -> Choice:
    return option(name, payloads.Picked(kept.id, place, not taken), hint=t("practice.picked") if taken else "")


def pick(context: Context, said: payloads.Picked) -> Reply:
    return _pick(context, [said])


def several(context: Context, said: Sequence[Payload]) -> Reply:
    """Several numbers at once, of an exercise or of a list."""
    chosen = [payload for payload in said if isinstance(payload, payloads.Picked)]
    if not chosen:
        return listing.tick_several(context, said)
    return _pick(context, [replace(one, take=True) for one in chosen] if choose.means_all(context.incoming.text) else chosen)


def _pick(context: Context, chosen: Sequence[payloads.Picked]) -> Reply:
    member = helper(context)
    kept = practice.get(context.session, member.id, chosen[0].practice, lock=True) if member is not None else None
    if kept is None:
        return _changed() if member is not None else _not_helper()
    if kept.done_at is not None:
        return _corrected(context, kept)
    taken = set(kept.taken)
    for one in chosen:
        (taken.add if one.take else taken.discard)(one.paper)
    practice.pick(context.session, kept, taken, now=context.now)
    now = practice.get(context.session, kept.staff_id, kept.id)
    return _shown(context, now or kept)


def done(context: Context, said: payloads.Practised) -> Reply:
    member = helper(context)
    kept = practice.get(context.session, member.id, said.practice) if member is not None else None
    if member is None:
        return _not_helper()
    ended = practice.finish(context.session, context.premises.catalog, kept, now=context.now) if kept is not None else None
    return _corrected(context, ended) if ended is not None else _changed()


def _corrected(context: Context, kept: Kept) -> Reply:
    """Each paper: right, too many and why, missing and why; and where it stands."""
    catalog, exercise, found = context.premises.catalog, kept.exercise, kept.correction
    entry = practice.entry_of(catalog, kept, context.today)
    if entry is None or found is None:
        return _changed()
    names = [offer.name for offer in exercise.papers]
    lines = [t("practice.right", papers="; ".join(names[place] for place in found.right))] if found.right else []
    for key, places in (("practice.wrong", found.wrong), ("practice.missed", found.missed)):
        lines += [t(key, name=names[place], why=why(catalog, entry, exercise, place)).rstrip() for place in places]
    total = len(exercise.right)
    title = t("practice.full_title", total=total) if found.full else t("practice.part_title", right=len(found.right), total=total)
    state = State(
        tone="plain" if found.full else "note",
        icon="tick" if found.full else "info",
        title=title,
        text=tuple(lines),
        source=plain.source(presenting.source(entry, catalog)),
    )
    options = (option(t("practice.again"), payloads.Practise("")), option(t("practice.same"), payloads.Practise(kept.code)))
    return Reply(blocks=(state,), choices=numbered(options))


def _changed() -> Reply:
    state = State(tone="note", icon="info", title=t("practice.changed_title"), text=(t("practice.changed"),))
    return Reply(blocks=(state,), choices=numbered((option(t("practice.again"), payloads.Practise("")),)))
