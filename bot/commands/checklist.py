"""`motcua checklist CODE`: the papers of a procedure for given answers, and the next question that still matters."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bot import clock, errors, settings
from bot.commands import single
from bot.conversation import plain
from bot.domain import centers
from bot.messages import Reply
from handlers import presenting
from procedures import checklist as lists
from procedures import loader
from procedures.models import Option, Question

app = typer.Typer()


@app.command()
def checklist(
    code: Annotated[str, typer.Argument(help="Code of the procedure, e.g. 1.001193")],
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="QUESTION=OPTION", help="An answer; may be repeated")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The machine interface of the design's section 9")] = False,
) -> None:
    """The paper list of a procedure for the given answers."""
    chosen = settings.read()
    catalog = loader.load(overlays=chosen.overlays, cache_dir=chosen.cache_dir)
    today = clock.today(clock.now())
    entry = catalog.get(code, today)
    if entry is None or entry.depth != "curated":
        raise errors.MotCuaError(f"no curated procedure has the code {code}")
    answers = dict(_pair(given) for given in set_ or [])
    for question, option in answers.items():
        asked = entry.question(question)
        if asked is None or asked.option(option) is None:
            raise errors.MotCuaError(f"{code} has no question {question} with an option {option}")
    result = lists.build(entry, answers)
    if not entry.in_force(today):
        raise errors.MotCuaError(f"{code} may not be used on {today}: valid until {entry.valid.until}")
    if as_json:
        print(json.dumps(_machine(result), ensure_ascii=False))
        return
    shown = presenting.papers(result, catalog, centers.read(chosen.center_file)[0], today)
    print(plain.text(Reply(blocks=(shown,), ask=result.next_question.ask if result.next_question else "")))


def _pair(given: str) -> tuple[str, str]:
    question, sign, option = given.partition("=")
    if not sign:
        raise errors.MotCuaError(f"--set wants QUESTION=OPTION, not {given!r}")
    return question, option


def _machine(result: lists.Checklist) -> dict[str, Any]:
    """`assumed`: questions nobody is asked because most people answer them the same; --set changes them."""
    entry = result.procedure
    return {
        "code": entry.code,
        "version": entry.version,
        "answers": result.answers,
        "next_question": _question(result.next_question) if result.next_question else None,
        "assumed": [{**_question(q), "value": result.assumed[q.id]} for q in entry.questions if q.id in result.assumed],
        "documents": [document.model_dump(exclude={"when"}, exclude_none=True) for document in result.documents],
        "looked_up": [item.model_dump(exclude={"when"}, exclude_none=True) for item in result.looked_up],
        "fees": [fee.model_dump(exclude={"when"}, exclude_none=True) for fee in result.fees],
        "time": result.time.model_dump(exclude={"when"}, exclude_none=True) if result.time else None,
        "notes": [note.text for note in result.notes],
        "ends": result.ends,
        "goes_to": result.goes_to,
        "source": entry.checked.model_dump(mode="json", exclude_none=True),
    }


def _question(question: Question) -> dict[str, Any]:
    return {"id": question.id, "ask": question.ask, "options": {key: _option(option) for key, option in question.options}}


def _option(option: Option) -> str:
    return f"{option.label} ({option.hint})" if option.hint else option.label


command = single(app)
