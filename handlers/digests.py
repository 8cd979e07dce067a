"""The newest end of a day in the chat, for who leads a center or manages several."""

from __future__ import annotations

from bot.conversation.context import Context
from bot.conversation.routing import Replies
from bot.domain import digest, staff
from bot.messages import Incoming, Reply
from bot.texts import t
from handlers import ask, digest_duties, digest_words

WORDS = frozenset(["cuoi ngay", "tong ket ngay", "ban cuoi ngay", "vuong mac"])


def show(context: Context, said: Incoming) -> Replies:
    """The newest one, for who may read it; anybody else meant something else."""
    member = staff.of_account(context.session, said.bot, said.address)
    centers = digest_duties.centers_of(context.premises, member) if member is not None else []
    if not centers:
        return ask.ask(context, said)
    context.state.leave()
    newest = [one for center_id in centers if (one := digest.newest(context.session, center_id)) is not None]
    if not newest:
        return Reply(ask=t("digest.chat_none"))
    if len(centers) == 1:
        return digest_words.message(context.premises, newest[0])
    day = max(one.day for one in newest)
    reply = digest_duties.rolled(context.session, context.premises, centers, day, context.now - digest_duties.ONE_DAY)
    return reply or digest_words.rolled_up(context.premises, day, digest.of_day(context.session, centers, day), ())
