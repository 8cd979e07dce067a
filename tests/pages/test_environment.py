"""What every template leans on: escaping, sentences, links, the chosen look."""

from __future__ import annotations

import unicodedata

import pytest
from markupsafe import Markup

from bot.domain import centers
from bot.messages import State
from bot.pages import environment, look, shield, statics
from bot.pages.environment import Frame
from bot.pages.look import Look

CENTER = centers.read(None)[0]


def drawn(title: str, look_: Look = look.AS_IT_IS) -> str:
    return environment.render("error.html", Frame(CENTER, look_), state=State(title=title), again=None)


@pytest.mark.parametrize("title", ["<b>đậm</b>", '"><script>', "{{ 1 }}", "Ảnh & chữ"])
def test_everything_is_escaped(title: str) -> None:
    page = drawn(title)
    assert title not in page.replace("{{ 1 }}", "") or "<" not in title + "&"
    assert "<b>đậm" not in page
    assert '"><script>' not in page


def test_pages_are_in_nfc() -> None:
    page = drawn(unicodedata.normalize("NFD", "Ổn thỏa"))
    assert page == unicodedata.normalize("NFC", page)
    assert "Ổn thỏa" in page


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mở https://a.vn/d/x.", '<a href="https://a.vn/d/x">https://a.vn/d/x</a>.'),
        ("https://a.vn/?a=1&b=2", '<a href="https://a.vn/?a=1&amp;b=2">https://a.vn/?a=1&amp;b=2</a>'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("<https://a.vn/x>", '&lt;<a href="https://a.vn/x">https://a.vn/x</a>&gt;'),
        ("không có", "không có"),
    ],
)
def test_addresses_become_links_and_nothing_else_does(said: str, shown: str) -> None:
    assert shown in str(environment.links(said))


def test_values_of_a_sentence_are_escaped_unless_they_are_ours() -> None:
    assert environment.marked("list.source", code="<i>") == "Nguồn: thủ tục &lt;i&gt;"
    assert environment.marked("list.source", code=Markup("<i>1</i>")) == "Nguồn: thủ tục <i>1</i>"


@pytest.mark.parametrize(
    ("cookies", "size", "theme"),
    [
        ({}, "", ""),
        ({"co": "lon", "nen": "toi"}, "large", "dark"),
        ({"co": "rat-lon", "nen": "nang"}, "larger", "sun"),
        ({"co": "<b>", "nen": "x"}, "", ""),
    ],
)
def test_the_look_is_read_from_cookies(cookies: dict[str, str], size: str, theme: str) -> None:
    found = look.read(cookies)
    assert (found.data_size, found.data_theme) == (size, theme)


def test_a_files_address_changes_with_its_content() -> None:
    one, other = (statics.Static("a.css", body, "text/css") for body in (b"a{}", b"b{}"))
    assert one.version != other.version
    with pytest.raises(KeyError):
        statics.address("missing.css")


def test_the_policy_allows_no_inline_code() -> None:
    assert "unsafe" not in shield.POLICY
    assert "default-src 'none'" in shield.POLICY
