"""Bare questions about what is on the screen: how much, how long, where, when open, which number to call."""

from __future__ import annotations

from typing import Literal

from bot.conversation.context import Context
from bot.domain import checklists
from bot.messages import Reply, Say
from bot.texts import t
from handlers import interview, listing, person, presenting
from procedures import checklist
from procedures.text import fold

About = Literal["fee", "time", "place", "center"]
_ICONS = {"fee": "coin", "time": "clock", "place": "pin"}
LONGEST = 10  # words; a longer sentence says what it is about


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LITTLE = _set(
    "a ma thi the vay nhi nhe ha la da em anh chi oi cho hoi xin con di co khong ko k gi nua minh toi can phai roi nay viec nha zay dzay ad"
)
_FEE = _set("le phi bao nhieu tien mat ton het gia may chi dong nop")
_TIME = _set("bao lau may ngay khi nao xong duoc mat gio lay ket qua tra bua hom tuan thang moi")
_PLACE = _set("o dau nop dia chi cho nao lam den")
_CENTER = _set(
    "may gio lam viec mo cua dong thu bay chu nhat nghi trua sang chieu hom nay mai trung tam so dien thoai sdt hotline cua ubnd xa phuong"
)


def asked(text: str) -> About | None:
    """What a short message asks about, when it asks about nothing else."""
    words = fold(text).split()
    said = set(words)
    if not words or len(words) > LONGEST:
        return None
    if said <= _FEE | _LITTLE and ({"le", "phi"} <= said or ("tien" in said and said & {"bao", "may", "mat", "ton", "het"})):
        return "fee"
    if said <= _TIME | _LITTLE and ({"bao", "lau"} <= said or {"may", "ngay"} <= said or {"khi", "nao"} <= said or {"bao", "gio"} <= said):
        return "time"
    if said <= _PLACE | _LITTLE and ({"o", "dau"} <= said or {"dia", "chi"} <= said or {"cho", "nao"} <= said):
        return "place"
    hours = ({"may", "gio"}, {"gio", "lam"}, {"gio", "mo"}, {"mo", "cua"}, {"chu", "nhat"}, {"thu", "bay"}, {"dien", "thoai"}, {"sdt"}, {"hotline"})
    return "center" if said <= _CENTER | _LITTLE and any(words <= said for words in hours) else None


def answer(context: Context, about: About) -> Reply | None:
    """The lines of the open list, or how to find the center; None when there is nothing open to repeat."""
    row, entry = listing.find(context, int(context.state.data.get("checklist", "0")))
    if about == "center" or (about == "place" and entry is None):
        return person.meet(context, context.incoming)
    if row is None or entry is None or context.state.topic not in (interview.TOPIC, listing.TOPIC):
        return None
    result = checklist.build(entry, checklists.answers(row))
    lines = [f"{fact.label}: {fact.text}" for fact in presenting.facts(result, context.premises.center) if fact.icon == _ICONS[about]]
    if result.next_question is not None:
        return interview.go_on(context, row, entry, lines or [t("list.fact_later")])
    return Reply(blocks=tuple(Say(text=line) for line in lines), ask=t("list.next_ask"), choices=context.state.menu, many=context.state.many)
