"""The page of a list and its PDF."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from pypdf import PdfReader
from sqlalchemy import update
from sqlmodel import Session

from bot.app import App
from bot.channels.webchat import lists, pdf
from bot.db import upsert
from bot.db.tables import Checklist
from bot.domain import centers
from bot.messages import Fact, Paper, Papers, Source
from bot.pages import qr
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.test_dialog import listed
from tests.channels.webchat.visitor import Visitor

SOURCE = Source(code="1.000656", decision="163/QĐ-BTP", checked="21/11/2026", catalog="abc")


@pytest.fixture
async def link(visitor: Visitor) -> str:
    await listed(visitor)
    return visitor.page.links["In hoặc lưu danh sách"]


async def test_the_owner_sees_ticks_and_changes_them(visitor: Visitor, link: str) -> None:
    page = await visitor.open(link)
    assert "Giấy tờ cần mang" in page.text
    page = await visitor.tick("form", "id_card")
    assert page.answer.url.path == link
    assert page.form("/danh-dau").boxes == {"form": True, "death_notice": False, "id_card": True}
    page = await visitor.open("/")
    assert page.form("/danh-dau").boxes["id_card"]


async def test_others_see_the_list_and_change_nothing(app: App, visitor: Visitor, link: str) -> None:
    async with connected(app) as client:
        stranger = Visitor(client)
        page = await stranger.open(link)
        assert "Danh sách do người khác lập" in page.text
        assert "Tờ khai đăng ký khai tử" in page.text
        assert not [form for form in page.forms if form.action == "/danh-dau"]
        await stranger.open("/")
        await stranger.say("ba em mới mất")
        number = dict((await visitor.open(link)).form("/danh-dau").fields)["danh-sach"]
        fields = [*stranger.page.form("/gui").fields, ("danh-sach", number), ("co", "form")]
        assert (await stranger.post("/danh-dau", fields)).status_code == 303
    assert not (await visitor.open(link)).form("/danh-dau").boxes["form"]


async def test_nobody_keeps_or_passes_on_the_page(visitor: Visitor, link: str) -> None:
    for path in (link, f"{link}.pdf"):
        headers = (await visitor.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "noindex" in headers["x-robots-tag"]


async def test_source_and_complaint_line_are_on_it(visitor: Visitor, link: str) -> None:
    text = (await visitor.open(link)).text
    for part in ("Bị đòi thêm giấy ngoài danh sách này?", "1.000656", "Quyết định 163/QĐ-BTP", "Kiểm tra 21/11/2026", "Bản danh mục"):
        assert part in text


@pytest.mark.parametrize(("query", "size"), [("", "a5"), ("?kho=a4", "a4"), ("?kho=<b>", "a5")])
async def test_paper_sizes(visitor: Visitor, link: str, query: str, size: str) -> None:
    assert f'<body class="{size}' in (await visitor.open(link + query)).html


async def test_what_changed_since_is_told_and_the_list_can_be_made_again(app: App, visitor: Visitor, link: str) -> None:
    def age(session: Session) -> None:
        table = upsert.table(Checklist)
        kept = Papers.model_validate_json(session.execute(table.select()).mappings().one()["pinned"])
        older = kept.model_copy(update={"submit": kept.submit[1:]})
        session.execute(update(table).values(version="older", pinned=older.model_dump_json()))

    await app.store.write(age)
    page = await visitor.open(link)
    assert "Thêm: Tờ khai đăng ký khai tử" in page.text
    page = await visitor.press("Lập lại danh sách theo bản mới")
    assert page.html.count("Tờ khai đăng ký khai tử") > 0
    assert "Danh mục đã thay đổi" not in (await visitor.open(link)).text


async def test_the_pdf_says_what_the_page_says(visitor: Visitor, link: str) -> None:
    await visitor.open(link)
    await visitor.tick("form")
    answer = await visitor.client.get(f"{link}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [148, 210]
    text = squeezed(reader)
    for part in (
        "Giấy tờ cần mang",
        "Tờ khai đăng ký khai tử",
        "Căn cước hoặc hộ chiếu của người đi khai",
        "Bị đòi thêm giấy",
        "163/QĐ-BTP",
        "Không mất tiền",
    ):
        assert part.replace(" ", "") in text


async def test_what_is_related_stands_on_the_page_and_not_on_paper(visitor: Visitor, link: str) -> None:
    name, line = "“Người thân mất”", '<div class="no-print"><dt>Việc liên quan</dt>'
    page = await visitor.open(link)
    assert name in page.text
    assert line in page.html
    answer = await visitor.client.get(f"{link}.pdf")
    assert "Ngườithânmất" not in squeezed(PdfReader(io.BytesIO(answer.content)))


def test_the_service_starts_without_what_draws_pdfs() -> None:
    code = "import sys, bot.channels.webchat.channel; print([name for name in ('fpdf', 'fontTools') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert done.stdout.decode().strip() == "[]"


def squeezed(reader: PdfReader) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def long_list(papers: int) -> Papers:
    name = "Giấy xác nhận tình trạng hôn nhân của người yêu cầu, còn hạn sáu tháng, số"
    submit = tuple(
        Paper(id=f"p{number}", name=f"{name} {number}", quantity="1 bản chính", note="Xin ở nơi thường trú. " * 4) for number in range(papers)
    )
    facts = (Fact(icon="coin", label="Lệ phí", text="Không mất tiền."),)
    return Papers(title="Giấy tờ", name="Đăng ký kết hôn", situation="Cả hai lần đầu", submit=submit, facts=facts, source=SOURCE)


@pytest.mark.parametrize(("papers", "pages"), [(3, 1), (40, 6)])
def test_a_list_that_does_not_fit_takes_more_pages_and_loses_nothing(papers: int, pages: int) -> None:
    made = pdf.make(pdf.Printed(long_list(papers), centers.read(None)[0], "https://x.example/d/abc", "Lập ngày 1/1/2027"))
    reader = PdfReader(io.BytesIO(made))
    assert abs(len(reader.pages) - pages) <= 2 * (pages > 1)
    text = squeezed(reader)
    assert all(f"số{number}:1bảnchính" in text for number in range(papers))
    assert pages == 1 or f"Trang2/{len(reader.pages)}" in text


@pytest.mark.parametrize("paper_size", ["a5", "a4"])
def test_longer_lists_get_smaller_letters(paper_size: str) -> None:
    names = [lists.density(long_list(papers), paper_size) for papers in (2, 7, 40)]
    assert names[0] == ""
    assert names[-1] == "denser"


def test_a_code_is_the_same_drawn_and_printed() -> None:
    link = "https://motcua.example/d/abc"
    dark = sum(map(sum, qr.modules(link)))
    assert str(qr.svg(link, "Mã QR")).count("M") - 1 == dark  # one M stands in the label
    assert sum(end - start for row in qr.modules(link) for start, end in pdf._runs(row)) == dark
