"""Every sentence is used, has the places its callers fill, and speaks in the voice of UI.md, section 6."""

from __future__ import annotations

import ast
import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from bot import texts
from bot.messages import IncomingKind
from procedures.models import HandledBy, Time, Way

ROOT = Path(__file__).parent.parent
SENTENCES = texts.sentences()
_CALL = re.compile(r"\b(?:t|marked)\(\s*'([\w.]+)'\s*(~)?([^()]*(?:\([^()]*\)[^()]*)*)\)")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")
# Words of the counter, not of an office letter or of a machine.
UNKIND = ("vui lòng", "quý khách", "quý công dân", "kính", "rất hân hạnh", "không hợp lệ", "cú pháp", "thất bại", "xin lỗi vì", "bạn ", "trân trọng")
KEYS = sorted(SENTENCES)


# Keys put together from a kind, where the pattern alone would let any key of the topic pass.
BUILT = {
    *(f"chat.{kind}" for kind in get_args(IncomingKind) if kind not in ("text", "choice", "start", "photo")),
    *(f"list.time_{kind}" for kind in get_args(Time.model_fields["kind"].annotation)),
    *(f"list.how_{way}" for way in get_args(Way) if way != "counter"),
    *(f"list.how_{office}" for office in get_args(HandledBy) if office != "elsewhere"),
    *(f"find.handled_{office}" for office in get_args(HandledBy) if office != "elsewhere"),
    *(f"privacy.channel_{name}" for name in ("web", "terminal", "telegram", "zalo_oa", "zalo_bot")),
    *("list.changed_fee", "list.changed_time"),
}


@dataclass(frozen=True)
class Use:
    """One place that asks for a sentence. `places`: None where they cannot be read from the source."""

    where: str
    key: re.Pattern[str]
    places: frozenset[str] | None


def python_uses() -> Iterator[Use]:
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                yield from _call(where, node)
            elif isinstance(node, ast.Constant) and node.value in SENTENCES:
                yield Use(where, re.compile(re.escape(str(node.value))), None)
            elif isinstance(node, ast.JoinedStr) and (pattern := _pattern(node)) is not None and "\\." in pattern:
                yield Use(where, re.compile(pattern), None)


def _call(where: str, node: ast.Call) -> Iterator[Use]:
    key = node.args[0]
    if isinstance(key, ast.Constant):
        places = None if any(word.arg is None for word in node.keywords) else frozenset(str(word.arg) for word in node.keywords)
        yield Use(where, re.compile(re.escape(str(key.value))), places)


def _pattern(node: ast.JoinedStr) -> str | None:
    """An f-string that begins with a topic, as a pattern: f"list.how_{way}" is list\\.how_\\w+."""
    parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values]
    known = any(str(getattr(node.values[0], "value", "")).startswith(f"{topic}.") for topic in TOPICS)
    return "".join(parts) if known else None


def template_uses() -> Iterator[Use]:
    for file in (ROOT / "bot/pages/templates").rglob("*.html"):
        for match in _CALL.finditer(file.read_text(encoding="utf-8")):
            key, joined, rest = match.groups()
            places = frozenset(re.findall(r"(\w+)\s*=(?!=)", re.sub(r"\([^()]*\)", "", rest)))
            yield Use(str(file.relative_to(ROOT)), re.compile(re.escape(key) + (r"\w+" if joined else "")), None if joined else places)


TOPICS = {key.partition(".")[0] for key in SENTENCES}
USES = [*python_uses(), *template_uses()]


def test_every_sentence_asked_for_exists() -> None:
    missing = {f"{use.where}: {use.key.pattern}" for use in USES if not any(use.key.fullmatch(key) for key in SENTENCES)}
    assert missing == set()


def test_every_sentence_is_used_somewhere() -> None:
    exact = [use for use in USES if use.key.pattern not in (r"chat\.\w+", r"list\.\w+", r"find\.\w+", r"privacy\.\w+")]
    unused = [key for key in SENTENCES if key not in BUILT and not any(use.key.fullmatch(key) for use in exact)]
    assert unused == []


def places(key: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(SENTENCES[key]) if name is not None)


def test_every_call_fills_exactly_the_places_of_its_sentence() -> None:
    wrong = {
        f"{use.where}: {key} has {sorted(places(key))}, is given {sorted(use.places)}"
        for use in USES if use.places is not None
        for key in SENTENCES if use.key.fullmatch(key) and places(key) != use.places
    }  # fmt: skip
    assert wrong == set()


def test_every_kind_a_key_is_built_from_has_its_sentence() -> None:
    assert sorted(BUILT - set(SENTENCES)) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_speaks_calmly(key: str) -> None:
    said = SENTENCES[key]
    assert said
    assert "!" not in said
    assert not _EMOJI.search(said)
    assert not [word for word in UNKIND if word in said.lower()]
    assert said == said.strip()
    assert "  " not in said


def test_a_missing_place_or_key_is_an_error_and_never_shown() -> None:
    with pytest.raises(KeyError):
        texts.t("chat.no_such_sentence")
    with pytest.raises(KeyError):
        texts.t("chat.bad_number", wrong=1)


def test_what_a_person_wrote_is_not_read_as_a_place() -> None:
    assert "“{said} {0.__class__}”" in texts.t("find.unknown", said="{said} {0.__class__}")


def test_sentences_are_composed() -> None:
    """NFC, or marks move between fonts."""
    assert [key for key in KEYS if unicodedata.normalize("NFC", SENTENCES[key]) != SENTENCES[key]] == []
