"""What nobody should send, and what comes back: a kind page that keeps what was typed."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import httpx
import pytest
from structlog.testing import capture_logs

from bot import errors
from bot.app import App
from bot.channels.webchat import inbound
from bot.db.store import Store
from bot.pages import shield
from bot.pages.session import COOKIE
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.visitor import Visitor

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def raw(visitor: Visitor, said: bytes, **headers: str) -> httpx.Response:
    token = dict(visitor.page.form("/gui").fields)["ma"]
    body = b"ma=" + token.encode() + b"&tin=" + said
    return await visitor.client.post("/gui", content=body, headers=FORM | headers, follow_redirects=True)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{ 7*7 }} {% include 'x' %}", "{{ 7*7 }} {% include &#39;x&#39; %}"),
        ("👨‍👩‍👧 em bé 🍼", "👨‍👩‍👧 em bé 🍼"),
        ("a\x00b\x07c", "a b c"),
        ("xin \u202eyoz\u202c chào", "xin  yoz  chào"),
        ("dòng một\r\ndòng hai", "<p>dòng một</p><p>dòng hai</p>"),
        ("a" * 300, "a" * 300),
        ("khai sinh", "khai sinh"),
    ],
)
async def test_whatever_was_typed_is_shown_escaped_and_answered(visitor: Visitor, said: str, shown: str) -> None:
    page = await visitor.say(said)
    assert page.status == 200
    assert shown in page.html
    assert page.html.count('class="bot"') > 2


async def test_bytes_that_are_no_utf8_are_answered(visitor: Visitor) -> None:
    answer = await raw(visitor, quote_from_bytes(b"khai \xff\xfe\xc3 sinh").encode())
    assert answer.status_code == 200
    assert "khai" in answer.text


async def test_marks_typed_apart_are_put_together(visitor: Visitor) -> None:
    page = await visitor.say("kha\u0302\u0301u")
    assert "khấu" in page.html


async def test_a_very_long_text_is_cut_where_one_can_see_it(visitor: Visitor) -> None:
    page = await visitor.say("khai tử " * 1000)
    assert page.status == 200
    assert "khai tử…" in page.text or "khai…" in page.text
    assert len(inbound.cut("x" * 9000)) == inbound.LONGEST


@pytest.mark.parametrize("said", ["", "   ", "\n\n", "\x00"])
async def test_an_empty_message_is_asked_for_again(visitor: Visitor, said: str) -> None:
    page = await visitor.say(said)
    assert page.status == 422
    assert "Anh/chị chưa gõ chữ nào" in page.text
    assert page.html.count('class="me"') == 0


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "AAAA~-.aaaa.bbbb", "é" * 50])
async def test_a_forged_form_keeps_what_was_typed(visitor: Visitor, token: str) -> None:
    answer = await visitor.post("/gui", [("ma", token), ("tin", 'khai "tử" <cho> ba')])
    assert answer.status_code == 403
    assert "Trang để lâu quá nên chưa gửi được" in answer.text
    assert "khai &#34;tử&#34; &lt;cho&gt; ba</textarea>" in answer.text


async def test_the_page_that_keeps_the_text_can_be_sent(visitor: Visitor) -> None:
    answer = await visitor.post("/gui", [("ma", "old"), ("tin", "ba em mới mất")])
    visitor.page = type(visitor.page)(answer)
    page = await visitor.say("ba em mới mất")
    assert "Câu 1" in page.text


async def test_a_form_drawn_for_somebody_else_is_not_taken(app: App, visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    async with connected(app) as client:
        stranger = Visitor(client)
        await stranger.open()
        await stranger.say("sao y bản chính")
        answer = await stranger.post("/gui", [*visitor.page.form("/gui").fields, ("tin", "của người khác")])
        assert answer.status_code == 403
    assert "của người khác" not in (await visitor.open()).text


@pytest.mark.parametrize("cookie", ["", "x", "abc.def.ghi", "a" * 4000])
async def test_a_forged_cookie_is_a_new_visitor(visitor: Visitor, cookie: str) -> None:
    await visitor.say("ba em mới mất")
    visitor.client.cookies.clear()
    visitor.client.cookies.set(COOKIE, cookie)
    page = await visitor.open()
    assert page.status == 200
    assert "ba em mới mất" not in page.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}])
async def test_another_sites_form_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = await raw(visitor, b"khai+sinh", **headers)
    assert answer.status_code == 403
    assert "yêu cầu đến từ trang khác" in answer.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "https://motcua.example"}, {"origin": "null"}])
async def test_our_own_form_is_taken(visitor: Visitor, headers: dict[str, str]) -> None:
    assert (await raw(visitor, b"khai+sinh", **headers)).status_code == 200


async def test_a_photo_is_refused_without_being_read(visitor: Visitor) -> None:
    answer = await visitor.client.post("/gui", files={"anh": ("cccd.jpg", b"\xff\xd8" * 500, "image/jpeg")})
    assert answer.status_code == 415
    assert "Một Cửa không nhận ảnh và tệp" in answer.text


async def test_a_body_that_is_too_large_is_refused(visitor: Visitor) -> None:
    announced = await raw(visitor, b"x" * (shield.MOST_BYTES + 1))

    async def parts() -> object:
        for _ in range(40):
            yield b"x" * 16_000

    creeping = await visitor.client.post("/gui", content=parts(), headers=FORM)  # type: ignore[arg-type]
    for answer in (announced, creeping):
        assert answer.status_code == 413
        assert "Tin dài quá" in answer.text


@pytest.mark.parametrize(
    "path", ["/khong-co", "/d/khong-co", "/d/khong-co.pdf", "/thu-tuc/9.999999", "/linh-vuc/khong-co", "/..%2f..%2fetc", "/tinh/x/y.css"]
)
async def test_unknown_addresses_are_kindly_missing(visitor: Visitor, path: str) -> None:
    page = await visitor.open(path)
    assert page.status == 404
    assert page.links["Về cuộc trò chuyện"] == "/"
    assert page.answer.headers["content-security-policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/gui", 405), ("DELETE", "/", 405), ("OPTIONS", "/", 405), ("HEAD", "/", 200), ("HEAD", "/suc-khoe", 200)]
)
async def test_other_methods(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("co=lon&ve=/thu-tuc", "/thu-tuc"),
        ("nen=toi&ve=/?cu=1", "/?cu=1"),
        ("co=x&ve=//evil.example", "/"),
        ("ve=https://evil.example", "/"),
        ("ve=/\\evil", "/"),
        ("", "/"),
    ],
)
async def test_the_switches_lead_back_to_this_site_only(client: httpx.AsyncClient, query: str, location: str) -> None:
    answer = await client.get(f"/xem?{query}")
    assert (answer.status_code, answer.headers["location"]) == (303, location)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    async def write(self: Store, *args: object, **kwargs: object) -> None:
        raise errors.StoreUnavailable("database or disk is full")

    monkeypatch.setattr(Store, "write", write)


@pytest.mark.usefixtures("full_disk")
async def test_with_a_full_disk_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = await visitor.say("ba em mới mất")
    assert page.status == 503
    assert "Chưa ghi được vào máy của trung tâm" in page.text
    assert "ba em mới mất</textarea>" in page.html
    assert [name for name, _ in page.form("/gui").fields] == ["ma"]


async def test_a_page_that_fails_says_so_with_a_code(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("bot.channels.webchat.bubbles.of", fail)
    with capture_logs() as logged:
        async with connected(app) as client:
            answer = await client.get("/")
    assert [line["event"] for line in logged] == ["web.failed"]
    assert answer.status_code == 500
    assert "Mã để báo cán bộ: E-" in answer.text
    assert "RuntimeError" not in answer.text


async def test_a_handler_that_fails_is_apologised_for(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("bot.conversation.state.read", fail)
    with capture_logs():
        page = await visitor.say("ba em mới mất")
    assert "Lỗi ở phía trung tâm" in page.text
