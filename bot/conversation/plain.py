"""A reply as numbered plain text, which is enough on every channel, and cut to a channel's limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from bot.messages import Attached, Block, Choice, Page, Paper, Papers, Reply, Say, Source, State
from bot.texts import t
from procedures.text import fold

Emphasis = Callable[[str], str]
_ENDS = re.compile(r"(?<=[.!?…:;])\s+|\n+")


def text(reply: Reply, *, menu: bool = True, bold: Emphasis = str, escape: Emphasis = str) -> str:
    """The whole message. `menu=False` leaves out the numbered lines, for channels that show them as buttons beside."""
    parts = [part for block in reply.blocks for part in _block(block, bold, escape)]
    asked = " ".join(part for part in (f"{reply.step}." if reply.step else "", reply.ask) if part)
    if asked:
        parts.append(bold(escape(asked)))
    if reply.why:
        parts.append(escape(reply.why))
    if menu and reply.choices:
        parts.append("\n".join(escape(line(choice)) for choice in reply.choices))
    return "\n\n".join(part for part in parts if part)


def line(choice: Choice) -> str:
    """ "1. Có giấy báo tử (bệnh viện cấp)"; a link stands after its label."""
    hint = f" ({choice.hint.rstrip('.')})" if choice.hint else ""
    return f"{choice.number}. {choice.label}{hint}" + (f": {choice.link}" if choice.link else "")


def _block(block: Block, bold: Emphasis, escape: Emphasis) -> Iterable[str]:
    match block:
        case Say():
            yield escape(block.text)
        case State():
            yield bold(escape(block.title))
            yield from (escape(line) for line in block.text)
            yield escape(block.source)
        case Page():
            yield bold(escape(block.title))
            if block.official:
                yield escape(t("channels.official_name", name=block.official))
            yield from (escape(line) for line in block.text)
            yield "\n".join(escape(f"{fact.label}: {fact.text}") for fact in block.facts)
            yield escape(block.link)
            yield escape(source(block.source)) if block.source else ""
        case Papers():
            yield from _papers(block, bold, escape)
        case Attached():
            yield escape(attached(block))


def attached(block: Attached) -> str:
    """A picture or file where none can be shown."""
    return t("channels.with_picture" if block.picture else "channels.with_file", name=block.name)


def _papers(block: Papers, bold: Emphasis, escape: Emphasis) -> Iterable[str]:
    if block.changed:
        yield "\n".join([bold(escape(t("list.changed_title"))), escape(t("list.changed_intro", name=block.name)), *map(escape, block.changed)])
    yield "\n".join([bold(escape(block.title)), escape(f"{block.name}. {block.situation}".rstrip(". ") + ".")])
    if block.assumed:
        yield escape(t("list.assumed", what=block.assumed[0].lower() + block.assumed[1:]))
    number = 0
    for heading, papers in ((t("list.submit", count=len(block.submit)), block.submit), (t("list.show"), block.show)):
        if papers:
            lines = [_paper(number + offset, paper) for offset, paper in enumerate(papers, start=1)]
            number += len(papers)
            yield "\n".join([bold(escape(heading)), *map(escape, lines)])
    if block.looked_up:
        yield "\n".join([bold(escape(t("list.looked_up"))), *(escape(f"– {item.name}. {item.note}".rstrip()) for item in block.looked_up)])
    yield "\n".join(escape(f"{fact.label}: {fact.text}") for fact in block.facts)
    yield "\n".join(escape(f"– {note}") for note in block.notes)
    yield escape(source(block.source))


def _paper(number: int, paper: Paper) -> str:
    box = "☑" if paper.have else "☐"
    # The official name is worth its length only where it says something else.
    official = f" ({paper.official})" if paper.official and fold(paper.name) not in fold(paper.official) else ""
    return f"{box} {number}. {paper.name}{official}: {paper.quantity}." + (f" {paper.note}" if paper.note else "")


def source(found: Source) -> str:
    """Nguồn: thủ tục 1.000656, Quyết định 163/QĐ-BTP. Kiểm tra ngày 21/11/2026."""
    parts = [t("list.source", code=found.code), t("list.source_decision", decision=found.decision) if found.decision else ""]
    line = ", ".join(part for part in parts if part) + "."
    checked = t("list.source_checked", checked=found.checked) if found.checked else ""
    overlay = t("list.source_overlay", overlay=found.overlay) if found.overlay else ""
    return " ".join(part for part in (line, checked, overlay) if part)


def split(long: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters, cut at the end of a paragraph, else a line, a sentence, a word."""
    parts: list[str] = []
    rest = long.strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> int:
    """Where to cut: the last good place in the second half, never inside a letter and its marks."""
    window = text[: limit + 1]
    for mark in ("\n\n", "\n"):
        if (at := window.rfind(mark)) > limit // 2:
            return at
    ends = [match.start() for match in _ENDS.finditer(window) if match.start() > limit // 2]
    if ends:
        return ends[-1]
    if (at := window.rfind(" ")) > 0:
        return at
    cut = limit
    while cut > 1 and "\u0300" <= text[cut] <= "\u036f":
        cut -= 1
    return cut
