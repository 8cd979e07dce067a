"""Which handler answers: routes are tried in order, the first that fits takes the message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import errors
from bot.conversation import choose
from bot.conversation.context import Context
from bot.conversation.groups import GroupContext
from bot.conversation.payloads import Codec, Payload
from bot.messages import Choice, IncomingKind, Reply, Say
from procedures.text import fold

Replies = Reply | Sequence[Reply]


@dataclass(frozen=True)
class OnPayload:
    """A button or a number of the menu was chosen."""

    kind: type[Payload]
    handler: Callable[[Context, Any], Replies]


@dataclass(frozen=True)
class OnWords:
    """The whole message is one of these words, typed at any moment. Folded when compared."""

    words: frozenset[str]
    handler: Callable[[Context, Any], Replies]


@dataclass(frozen=True)
class OnPattern:
    """The whole message, folded, looks like this."""

    pattern: re.Pattern[str]
    handler: Callable[[Context, Any], Replies]


@dataclass(frozen=True)
class OnKind:
    """Something that is not text."""

    kinds: frozenset[IncomingKind]
    handler: Callable[[Context, Any], Replies]


@dataclass(frozen=True)
class OnFollowing:
    """A message that corrects or answers an earlier one; the handler leaves it to the others with None."""

    handler: Callable[[Context, Any], Replies | None]


@dataclass(frozen=True)
class OnTopic:
    """Free words while the dialog stands at `topic`."""

    topic: str
    handler: Callable[[Context, Any], Replies]


@dataclass(frozen=True)
class Otherwise:
    handler: Callable[[Context, Any], Replies]


R = TypeVar("R", "OnPayload", "OnWords", "OnPattern", "OnKind", "OnTopic", "Otherwise")
Route = OnPayload | OnWords | OnPattern | OnKind | OnFollowing | OnTopic | Otherwise


@dataclass(frozen=True)
class Routes:
    """The ordered routes, the codec for their payloads, and who answers a button that means nothing any more.

    `many` answers several numbers picked at once, with the payloads of their choices. A line that only opens a page has no
    handler: who types its number is given the address. `in_group` answers what was said in a group chat.
    """

    routes: tuple[Route, ...]
    codec: Codec
    stale: Callable[[Context, Any], Replies]
    many: Callable[[Context, Sequence[Payload]], Replies]
    in_group: Callable[[GroupContext], Replies] = lambda _context: ()

    def answer(self, context: Context) -> Replies:
        """Find the handler for this turn's message and run it."""
        incoming = context.incoming
        if incoming.kind == "choice":
            return self._payload(context, incoming.payload)
        if (following := self._following(context)) is not None:
            return following
        if incoming.kind != "text":
            return self._first(context, OnKind, lambda route: incoming.kind in route.kinds)
        return self._said(context)

    def _said(self, context: Context) -> Replies:
        """Words: a line of the menu, a word of ours, or whatever the dialog stands at."""
        incoming, state = context.incoming, context.state
        chosen = choose.pick(state.menu, incoming.text)
        if state.many and chosen is None and (several := choose.pick_many(state.menu, incoming.text)):
            return self._several(context, several)
        if chosen is not None and chosen.link and not chosen.payload:
            return Reply(blocks=(Say(text=f"{chosen.label}: {chosen.link}"),), choices=state.menu, many=state.many)
        if chosen is not None:
            return self._payload(context, chosen.payload)
        if (agreed := choose.pick_agreement(state.menu, incoming.text)) is not None:
            return self._payload(context, agreed.payload)
        said = fold(incoming.text)
        if (words := self._find(OnWords, lambda route: said in route.words)) is not None:
            return words.handler(context, incoming)
        if (like := self._find(OnPattern, lambda route: route.pattern.fullmatch(said) is not None)) is not None:
            return like.handler(context, incoming)
        loose = choose.pick_unsure(state.menu, incoming.text) or (choose.pick_loosely(state.menu, incoming.text) if state.topic else None)
        if loose is not None:
            return self._payload(context, loose.payload)
        return self._first(context, OnTopic, lambda route: route.topic == state.topic)

    def _following(self, context: Context) -> Replies | None:
        if not context.incoming.edited and not context.incoming.reply_to:
            return None
        found = (route.handler(context, context.incoming) for route in self.routes if isinstance(route, OnFollowing))
        return next((replies for replies in found if replies is not None), None)

    def _payload(self, context: Context, text: str) -> Replies:
        try:
            payload = self.codec.decode(text)
            route = self._find(OnPayload, lambda route: type(payload) is route.kind)
            if route is None:
                raise errors.StalePayload(text)
            return route.handler(context, payload)
        except errors.StalePayload:
            return self.stale(context, context.incoming)

    def _several(self, context: Context, chosen: Sequence[Choice]) -> Replies:
        try:
            return self.many(context, [self.codec.decode(choice.payload) for choice in chosen])
        except errors.StalePayload:
            return self.stale(context, context.incoming)

    def _first(self, context: Context, kind: type[R], fits: Callable[[R], bool]) -> Replies:
        route = self._find(kind, fits) or self._find(Otherwise, lambda _: True)
        assert route is not None, "the last route takes everything"
        return route.handler(context, context.incoming)

    def _find(self, kind: type[R], fits: Callable[[R], bool]) -> R | None:
        return next((route for route in self.routes if isinstance(route, kind) and fits(route)), None)
