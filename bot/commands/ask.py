"""`motcua ask`: what a citizen typed to a decision and procedures. One query a line; starts in well under a second."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated

import typer

from bot import clock, settings
from bot.commands import lines, single
from procedures import loader, search
from procedures.catalog import Catalog
from procedures.search import Found

app = typer.Typer()


@app.command()
def ask(
    words: Annotated[list[str] | None, typer.Argument(help="The question; without it, lines are read from standard input")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
    explain: Annotated[bool, typer.Option(help="Say why")] = False,
) -> None:
    """What a citizen typed, to a decision (answer, clarify, refer, unknown) and up to five procedures."""
    chosen = settings.read()
    catalog = loader.load(overlays=chosen.overlays, cache_dir=chosen.cache_dir)
    index = search.build(catalog, chosen.cache_dir)
    today = clock.today(clock.now())
    queries: Iterable[str] = [" ".join(words)] if words else lines()
    for query in queries:
        found = index.find(query, today=today)
        print(_json(found) if as_json else _plain(found, catalog), flush=True)
        if explain:
            print("\n".join(f"  {reason}" for reason in index.explain(query, today=today)))


def _json(found: Found) -> str:
    hits = [{"code": hit.code, "score": round(hit.score, 3)} for hit in found.hits]
    return json.dumps({"query": found.query, "decision": found.decision, "hits": hits}, ensure_ascii=False)


def _plain(found: Found, catalog: Catalog) -> str:
    entries = [(hit, catalog.get(hit.code)) for hit in found.hits]
    lines = [f"  {hit.score:.2f}  {hit.code}  {entry.title if entry else ''}" for hit, entry in entries]
    return "\n".join([f"{found.decision}: {found.query}", *lines])


command = single(app)
