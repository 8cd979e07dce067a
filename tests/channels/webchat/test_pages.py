"""The catalog's pages, the pages around the chat, and what protects all of them."""

from __future__ import annotations

import re

import httpx
import pytest

from bot import errors
from bot.channels.webchat import about
from bot.pages import statics
from tests.channels.webchat.visitor import Visitor

PAGES = [
    "/",
    "/khung",
    "/thu-tuc",
    "/linh-vuc/ho-tich",
    "/linh-vuc/noi-khac",
    "/thu-tuc/1.000656",
    "/thu-tuc/1.010833",
    "/thu-tuc/bang-lai-xe",
    "/rieng-tu",
    "/gap-can-bo",
    "/nhung",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_strict_policy_holds_on_every_page(visitor: Visitor, path: str) -> None:
    page = await visitor.open(path)
    assert page.status == 200
    policy = page.answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<style|style=|<script(?! src)|\son[a-z]+=", page.html)
    assert page.html.count("<h1") == 1
    assert "An Phú (trung tâm mẫu)" in page.text


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/thu-tuc", ["Hộ tịch", "1 thủ tục", "Việc làm ở nơi khác"]),
        ("/linh-vuc/ho-tich", ["Đăng ký khai tử", "Khai báo người đã mất"]),
        ("/linh-vuc/noi-khac", ["Đổi bằng lái xe", "làm ở nơi khác"]),
        ("/linh-vuc/nguoi-co-cong", ["Xác nhận thân nhân người có công", "chưa có danh sách theo trường hợp"]),
        (
            "/thu-tuc/1.000656",
            ["Có giấy báo tử của người mất không?", "Thường là: Vợ, chồng", "Tùy trường hợp: Không mất tiền", "Trả trong ngày", "Nguồn: thủ tục"],
        ),
        ("/thu-tuc/1.010833", ["Một Cửa chưa soạn danh sách", "Làm tại trung tâm này"]),
        ("/thu-tuc/bang-lai-xe", ["Việc này không làm ở trung tâm", "phòng cảnh sát giao thông"]),
        ("/rieng-tu", ["90 ngày", "91/2025/QH15", "Coi chừng kẻ giả danh"]),
        ("/gap-can-bo", ["Số 12 đường Lúa Vàng", "Giờ làm việc"]),
        ("/nhung", ["https://motcua.example/nhung.js", "https://xa.example"]),
    ],
)
async def test_what_pages_say(visitor: Visitor, path: str, parts: list[str]) -> None:
    text = (await visitor.open(path)).text
    for part in parts:
        assert part in text


async def test_a_procedure_begins_in_the_chat(visitor: Visitor) -> None:
    await visitor.open("/thu-tuc/1.000656")
    page = await visitor.press("Lập danh sách giấy tờ")
    assert page.answer.url.path == "/"
    assert "Câu 1" in page.text


async def test_the_search_box_leads_into_the_chat(visitor: Visitor) -> None:
    await visitor.open("/thu-tuc")
    page = await visitor.say("sao y bản chính")
    assert "Anh/chị đã có bản chụp chưa?" in page.text


@pytest.mark.parametrize("deed", ["", "x", "pf:1", "m", "p:9.999999", "a:1:proof:paper", "t:1:form:1"])
async def test_pages_begin_only_what_they_offer(visitor: Visitor, deed: str) -> None:
    await visitor.open("/thu-tuc/1.000656")
    fields = [(name, deed if name == "viec" else value) for name, value in visitor.page.form("/bat-dau").fields]
    assert (await visitor.post("/bat-dau", fields)).status_code == 409


async def test_the_look_is_kept_in_cookies(visitor: Visitor) -> None:
    await visitor.open("/xem?co=rat-lon&ve=/rieng-tu")
    await visitor.open("/xem?nen=nang&ve=/rieng-tu")
    page = await visitor.open("/rieng-tu")
    assert '<html lang="vi" data-size="larger" data-theme="sun">' in page.html
    assert page.html.count('aria-current="true"') == 2


@pytest.mark.parametrize("name", ["style.css", "motcua.js", "favicon.svg"])
async def test_files_are_kept_for_good_under_their_hash(client: httpx.AsyncClient, name: str) -> None:
    address = statics.address(name)
    assert "immutable" in (await client.get(address)).headers["cache-control"]
    older = await client.get(f"/tinh/000000000000/{name}")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")


async def test_the_snippet_may_be_loaded_by_other_sites(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nhung.js")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "origin", ["xa.example", "https://xa.example/trang", "https://xa.example; script-src *", "javascript:alert(1)", "*", "'self'"]
)
def test_an_origin_that_is_none_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(errors.SettingsInvalid, match="MOTCUA_EMBED_ORIGINS"):
        about.origins([origin])


async def test_the_health_check_asks_the_database(client: httpx.AsyncClient) -> None:
    answer = await client.get("/suc-khoe")
    assert (answer.status_code, answer.text) == (200, "ok")
