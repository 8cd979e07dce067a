"""`motcua channels check`: for every configured channel, whether it would work, and in one line what to do where it would not."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Annotated, Any, NamedTuple

import httpx
import typer
from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock, errors, settings
from bot.channels.telegram import webhook as telegram_webhook
from bot.channels.zalo_bot import webhook as zalo_bot_webhook
from bot.channels.zalo_oa import webhook as zalo_webhook
from bot.channels.zalo_oa.client import Client as ZaloClient
from bot.channels.zalo_oa.tokens import ADVICE
from bot.commands import single
from bot.db import schema, upsert
from bot.db.questions import ChatGroup
from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import provider_tokens
from bot.settings import Settings

app = typer.Typer(help="Check the channels that are configured.", no_args_is_help=True)

SECONDS = 8.0  # one request
ALL_SECONDS = 90.0
SAID_AT_MOST = 160
RECENT = dt.timedelta(hours=1)
MOST_GROUPS = 20
_POSTS = ("creator", "administrator", "member")


class Found(NamedTuple):
    """One line. `do`: what an operator has to do, "" when all is well or nothing can be done."""

    channel: str
    check: str
    well: bool
    says: str
    do: str = ""

    def line(self) -> str:
        return f"{self.channel:<9} {self.check:<12} {'ok  ' if self.well else 'WRONG'} {self.says}{f' -> {self.do}' if self.do else ''}"


class Refused(Exception):
    """The provider said no, or was not there; never with the address of the request, which holds a token."""


@app.callback()
def _group() -> None:
    """Check the channels that are configured."""


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line")] = False) -> None:
    """Credentials, webhook and permissions of every configured channel. Exit 0 only when all are well. Tokens are never shown."""
    found = asyncio.run(_checked(settings.read()))
    for one in found:
        print(json.dumps(one._asdict(), ensure_ascii=False) if as_json else one.line())
    if not found and not as_json:
        print("no channel is configured beside the web chat; .env.example names the settings")
    if not all(one.well for one in found):
        raise typer.Exit(1)


async def _checked(chosen: Settings) -> list[Found]:
    found: list[Found] = []
    try:
        async with asyncio.timeout(ALL_SECONDS), httpx.AsyncClient(timeout=SECONDS) as http:
            async for one in _all(chosen, http):
                found.append(one)  # noqa: PERF401 (what was found stays when the time is over)
    except TimeoutError:
        found.append(Found("all", "time", well=False, says=f"not done within {ALL_SECONDS:.0f} s", do="check the network of this machine"))
    return found


async def _all(chosen: Settings, http: httpx.AsyncClient) -> AsyncIterator[Found]:
    with closing(Store(chosen.database)) as store:
        known = schema.is_current(store.engine)
        if chosen.telegram_token.get_secret_value():
            async for one in _telegram(chosen, http, store if known else None):
                yield one
        if chosen.zalo_app_id:
            async for one in _zalo_oa(chosen, http, store if known else None):
                yield one
        if chosen.zalo_bot_token.get_secret_value():
            async for one in _zalo_bot(chosen, http):
                yield one


# Telegram


async def _telegram(chosen: Settings, http: httpx.AsyncClient, store: Store | None) -> AsyncIterator[Found]:
    token = chosen.telegram_token.get_secret_value()
    url = f"{chosen.telegram_api.rstrip('/')}/bot{token}"
    try:
        me = await _ask(http, url, "getMe")
    except Refused as error:
        yield Found("telegram", "credentials", well=False, says=str(error), do="set MOTCUA_TELEGRAM_TOKEN to the token @BotFather shows")
        return
    yield Found("telegram", "credentials", well=True, says=f"@{me.get('username', '')}")
    reads = me.get("can_read_all_group_messages") is True
    words = "reads all messages of its groups" if reads else "reads commands, mentions and replies in its groups, which is enough"
    yield Found("telegram", "permissions", well=True, says=words)
    if store is not None:
        async for one in _telegram_groups(http, url, me, store, token.partition(":")[0]):
            yield one
    async for one in _webhook(http, "telegram", url, polls=chosen.telegram_mode == "polling", ours=f"{chosen.address}{telegram_webhook.PATH}"):
        yield one


async def _telegram_groups(http: httpx.AsyncClient, url: str, me: dict[str, Any], store: Store, number: str) -> AsyncIterator[Found]:
    """Whether it may post in the groups it was brought into."""
    for title, address in await store.read(_groups, f"telegram:{number}"):
        try:
            there = await _ask(http, url, "getChatMember", chat_id=address, user_id=me.get("id"))
        except Refused as error:
            yield Found("telegram", "group", well=False, says=f"{title}: {error}", do="bring the bot into the group again, or leave it out")
            continue
        posts = there.get("status") in _POSTS or there.get("can_send_messages") is True
        do = "" if posts else "let the bot write in this group"
        yield Found("telegram", "group", well=posts, says=f"{title}: {'may post' if posts else 'may not post'}", do=do)


def _groups(session: Session, bot: str) -> list[tuple[str, str]]:
    table = upsert.table(ChatGroup)
    rows = select(table.c.title, table.c.address).where(table.c.bot == bot, table.c.active.is_(True), table.c.purpose != "")
    return [(row.title, row.address) for row in session.execute(rows.limit(MOST_GROUPS))]


# Zalo Official Account


async def _zalo_oa(chosen: Settings, http: httpx.AsyncClient, store: Store | None) -> AsyncIterator[Found]:
    bot = f"zalo_oa:{chosen.zalo_app_id}"
    names = {
        "MOTCUA_ZALO_APP_SECRET": chosen.zalo_app_secret, "MOTCUA_ZALO_REFRESH_TOKEN": chosen.zalo_refresh_token,
        **({"MOTCUA_ZALO_OA_SECRET": chosen.zalo_oa_secret} if chosen.zalo_signed_with == "oa" else {}),
    }  # fmt: skip
    missing = [name for name, value in names.items() if not value.get_secret_value()]
    if missing:
        yield Found("zalo_oa", "settings", well=False, says=f"missing: {', '.join(missing)}", do="copy them from developers.zalo.me")
    held = await store.read(provider_tokens.pair, bot) if store is not None else None
    yield _token_state(held)
    if held is not None and held.usable(clock.now()):
        yield await _account(chosen, held.access)
    async for one in _reached(http, "zalo_oa", ours := f"{chosen.address}{zalo_webhook.PATH}"):
        yield one
    last = await store.read(_last_heard, bot) if store is not None else None
    if last is None:
        yield Found("zalo_oa", "events", well=False, says="none came yet", do=f"set {ours} as the webhook in the app's console, then write to the OA")
    else:
        yield Found("zalo_oa", "events", well=True, says=f"the last one came at {clock.local(last):%d/%m/%Y %H:%M}")


def _token_state(held: provider_tokens.Pair | None) -> Found:
    if held is None or held.expires_at is None:
        trouble = held.trouble if held is not None else ""
        return Found("zalo_oa", "token", well=False, says=trouble[:SAID_AT_MOST] or "none yet", do=ADVICE if trouble else "start the service once")
    until = f"{clock.local(held.expires_at):%d/%m/%Y %H:%M}"
    if held.trouble:
        return Found("zalo_oa", "token", well=False, says=f"not renewed: {held.trouble[:SAID_AT_MOST]}; the one in use ends {until}", do=ADVICE)
    if not held.usable(clock.now()):
        return Found("zalo_oa", "token", well=False, says=f"ended {until}", do="start the service, which asks for a new one")
    return Found("zalo_oa", "token", well=True, says=f"until {until}")


async def _account(chosen: Settings, access: str) -> Found:
    client = ZaloClient(chosen.zalo_api, chosen.zalo_oauth, seconds=SECONDS)
    try:
        account = await client.get("/v2.0/oa/getoa", access)
    except errors.ChannelError as error:
        do = "give the app the OA's permissions in the console, or wait if Zalo is not reached"
        return Found("zalo_oa", "credentials", well=False, says=str(error)[:SAID_AT_MOST], do=do)
    finally:
        await client.close()
    return Found("zalo_oa", "credentials", well=True, says=", ".join(str(account[name]) for name in ("name", "package_name") if account.get(name)))


def _last_heard(session: Session, bot: str) -> dt.datetime | None:
    table = upsert.table(Inbox)
    newest = select(func.max(table.c.id)).where(table.c.bot == bot).scalar_subquery()
    found: dt.datetime | None = session.execute(select(table.c.received_at).where(table.c.id == newest)).scalar()
    return found


# Zalo Bot Platform


async def _zalo_bot(chosen: Settings, http: httpx.AsyncClient) -> AsyncIterator[Found]:
    url = f"{chosen.zalo_bot_api.rstrip('/')}/bot{chosen.zalo_bot_token.get_secret_value()}"
    try:
        me = await _ask(http, url, "getMe")
    except Refused as error:
        yield Found("zalo_bot", "credentials", well=False, says=str(error), do="set MOTCUA_ZALO_BOT_TOKEN to the token of bot.zaloplatforms.com")
        return
    name = me.get("account_name") or me.get("display_name") or me.get("id", "")
    yield Found("zalo_bot", "credentials", well=True, says=f"{name}; free tier: 50 people a bot, 3,000 messages a month")
    async for one in _webhook(http, "zalo_bot", url, polls=chosen.zalo_bot_mode == "polling", ours=f"{chosen.address}{zalo_bot_webhook.PATH}"):
        yield one


# shared


async def _webhook(http: httpx.AsyncClient, channel: str, url: str, *, polls: bool, ours: str) -> AsyncIterator[Found]:
    """Where the provider posts, against how the service wants to be told."""
    try:
        info = await _ask(http, url, "getWebhookInfo")
    except Refused as error:
        yield Found(channel, "webhook", well=False, says=str(error), do="try again later")
        return
    there = str(info.get("url") or "")
    if polls:
        do = f"the service takes it away when it starts; or set MOTCUA_{channel.upper()}_MODE=webhook" if there else ""
        yield Found(channel, "webhook", well=not there, says="polling" if not there else "polling is set, but the provider posts to a webhook", do=do)
        return
    if there != ours:
        says = f"the provider posts to {there}" if there else "the provider was told no address"
        yield Found(channel, "webhook", well=False, says=says, do=f"start the service with MOTCUA_BASE_URL so that it is {ours}")
    else:
        yield Found(channel, "webhook", well=True, says=f"set to {ours}")
    if trouble := _recent_trouble(info):
        yield Found(
            channel, "webhook", well=False, says=f"the provider's last try failed: {trouble}", do="see whether the address answers from outside"
        )
    async for one in _reached(http, channel, ours):
        yield one


def _recent_trouble(info: dict[str, Any]) -> str:
    at = info.get("last_error_date")
    if not isinstance(at, int) or clock.now().timestamp() - at > RECENT.total_seconds():
        return ""
    return str(info.get("last_error_message") or "unknown")[:SAID_AT_MOST]


async def _reached(http: httpx.AsyncClient, channel: str, ours: str) -> AsyncIterator[Found]:
    """Our own route has to be there, over https, and to turn away what is not signed."""
    if not ours.startswith("https://"):
        yield Found(channel, "address", well=False, says=f"{ours} is not https", do="set MOTCUA_BASE_URL to the public https address")
        return
    try:
        status = (await http.post(ours, json={})).status_code
    except httpx.HTTPError as error:
        do = "start the service; check name, certificate and proxy"
        yield Found(channel, "address", well=False, says=f"{ours} does not answer: {type(error).__name__}", do=do)
        return
    if status == httpx.codes.FORBIDDEN:
        yield Found(channel, "address", well=True, says=f"{ours} answers and turns strangers away")
        return
    yield Found(channel, "address", well=False, says=f"{ours} answers HTTP {status}", do="let the proxy pass this path to the service")


async def _ask(http: httpx.AsyncClient, url: str, method: str, **body: Any) -> dict[str, Any]:
    """The result of a Bot API call (Telegram's envelope, which Zalo's platform took over). Raises Refused."""
    try:
        response = await http.post(f"{url}/{method}", json=body)
        answer = response.json()
    except httpx.HTTPError as error:
        raise Refused(f"not reached: {type(error).__name__}") from None
    except ValueError:
        raise Refused(f"HTTP {response.status_code} without JSON") from None
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        said = answer if isinstance(answer, dict) else {}
        raise Refused(f"{said.get('error_code', response.status_code)} {str(said.get('description', ''))[:SAID_AT_MOST]}".strip())
    result = answer.get("result")
    return result if isinstance(result, dict) else {}


command = single(app)
