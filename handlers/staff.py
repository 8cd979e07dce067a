"""Staff in a chat: a link that signs in, and connecting the chat to a member of staff."""

from __future__ import annotations

import re

from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import staff
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import payloads, welcome
from procedures.text import fold

PAGE = "/ban-lam-viec/vao"
WORDS = frozenset(["dang nhap", "dangnhap", "dang nhap can bo", "ban lam viec"])
CODE = re.compile(r"(?:ket )?noi (?:ma )?(\d{3}) ?(\d{3})")
# A browser that anybody can open is no account of somebody's.
_NO_ACCOUNTS = frozenset(["web"])


def sign_in(context: Context, _said: Payload | Incoming) -> Reply:
    """A fresh link for whoever's chat this is; how to be connected for anybody else. Groups never get here: no channel reads them."""
    context.state.leave()
    member = staff.of_account(context.session, context.incoming.bot, context.incoming.address)
    token = staff.link(context.session, member.id, "sign_in", actor=member.actor, now=context.now) if member is not None else None
    if member is None or token is None:
        return _not_staff(context)
    minutes = int(staff.LIVES["sign_in"].total_seconds() // 60)
    link = Choice(number=1, label=t("console.chat_open"), link=f"{context.premises.address}{PAGE}/{token}")
    return Reply(blocks=(Say(text=t("console.chat_link", name=member.name, minutes=minutes)),), choices=(link,))


def _not_staff(context: Context) -> Reply:
    how = t("console.chat_web") if context.incoming.bot in _NO_ACCOUNTS else t("console.chat_how")
    state = State(tone="note", icon="door", title=t("console.chat_staff_only"), text=(t("console.chat_citizen"), how))
    return Reply(blocks=(state,), choices=welcome.choices())


def connect(context: Context, said: Incoming) -> Reply:
    """ "nối 123-456". The code is not kept among what was said."""
    context.secret = True
    context.state.leave()
    typed = CODE.fullmatch(fold(said.text))
    if typed is None or context.incoming.bot in _NO_ACCOUNTS:
        return _not_staff(context)
    member = staff.connect(context.session, "-".join(typed.groups()), said.bot, said.address, now=context.now)
    if member is None:
        state = State(tone="now", icon="warn", title=t("console.chat_wrong_title"), text=(t("console.chat_wrong"),))
        return Reply(blocks=(state,), choices=welcome.choices())
    state = State(icon="tick", title=t("console.chat_connected_title", name=member.name), text=(t("console.chat_connected"),))
    return Reply(blocks=(state,), choices=numbered((option(t("console.chat_sign_in"), payloads.SignIn()),)))
