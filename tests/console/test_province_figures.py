"""What the province published stands beside our figures: only for its own period, unfiltered, with its source, where there is no median."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re

import openpyxl  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console import figures_others as others
from bot.console.desk import HOME
from bot.console.figures_asked import Asked
from bot.console.figures_ground import Ground
from bot.console.figures_words import MANNERS, Names
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.domain import audit, centers, indicators, periods, province_figures
from bot.domain.centers import Directory
from bot.domain.province_figures import Told
from tests.channels.webchat.visitor import Page
from tests.console import figures_days
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.figures_days import DEATH, MONDAY, WEEK

MARCH = periods.of("month", MONDAY)
MONTH = f"ky=thang&ngay={MARCH.first}"
SOURCE = "Báo cáo 45/BC-SNV"
ON_TIME = {"chi-so": "on_time", "ky": "thang-3", "nam": "2026", "gia-tri": "92,5 %", "nguon": SOURCE, "ngay-nguon": "2026-04-05", "viec": "ghi"}
ACTION = f"{HOME}/{HERE}/so-lieu/cua-tinh"


@pytest.fixture
async def furnished(app: App) -> App:
    """Two centers: too few to compare with."""
    for center in (HERE, THERE):
        await figures_days.furnish(app.store, center)
    await figures_days.count(app.store)
    return app


async def enter(clerk: Clerk, **fields: str) -> str:
    """The page afterwards."""
    await clerk.open("so-lieu/cua-tinh")
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    return (await clerk.post(ACTION, {**ON_TIME, "ma": token, **{name.replace("_", "-"): value for name, value in fields.items()}})).html


def with_field(page: Page, name: str) -> dict[str, str]:
    """The fields of the form that has this one."""
    return next(fields for form in page.forms if name in (fields := dict(form.fields)))


def listed(page: Page) -> list[str]:
    return re.findall(r"so-lieu/tong-hop\?[^\"]+\">([^<]+)<", page.html)


async def kept(app: App, center: str = HERE) -> list[Told]:
    return [one.told for one in (await app.store.read(province_figures.listed, center)).rows]


def told(indicator: str, value: int) -> Told:
    return Told(indicator, MARCH.first, MARCH.last, value, SOURCE, dt.date(2026, 4, 5))


@pytest.mark.parametrize(
    ("role", "reads", "enters"),
    [("clerk", 403, 403), ("lead", 200, 403), ("auditor", 200, 403), ("manager", 200, 303), ("admin", 200, 303)],
)
async def test_who_reads_and_who_enters(app: App, sign_in: SignIn, role: Role, reads: int, enters: int) -> None:
    somebody = await sign_in(role)
    page = await somebody.client.get(ACTION)
    assert page.status_code == reads
    assert ('name="gia-tri"' in page.text) == (enters == 303)
    await somebody.open(HOME)
    token = dict(somebody.page.form(f"{HOME}/ra").fields)["ma"]
    assert (await somebody.client.post(ACTION, data={**ON_TIME, "ma": token})).status_code == enters
    assert (await somebody.client.post(ACTION, data={**ON_TIME, "gia-tri": "1", "ma": "stolen"})).status_code == 403
    assert await kept(app) == ([told("on_time", 92_50)] if enters == 303 else [])


async def test_a_manager_touches_nothing_of_another_center(app: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    theirs = told("wait", 14_00)
    await app.store.write(province_figures.enter, THERE, theirs, actor="staff:9", now=clock.now())
    [one] = (await app.store.read(province_figures.listed, THERE)).rows
    assert (await manager.client.get(ACTION.replace(HERE, THERE))).status_code == 403
    page = await manager.open(f"so-lieu/cua-tinh?sua={one.id}")
    assert 'value="14"' not in page.html
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    assert (await manager.client.post(ACTION.replace(HERE, THERE), data={**ON_TIME, "ma": token})).status_code == 403
    await manager.post(ACTION, {"ma": token, "viec": "bo", "so": str(one.id)})
    await enter(manager, sua=str(one.id))
    assert await kept(app, THERE) == [theirs]
    assert await kept(app) == [told("on_time", 92_50)]


async def test_it_stands_beside_our_figure_of_exactly_that_period_with_its_source(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    assert f'href="{ACTION}?{MONTH.replace("&", "&amp;")}"' in (await manager.open(f"so-lieu?{MONTH}")).html
    assert "Đã ghi." in await enter(manager)
    first, every = await manager.open(f"so-lieu?{MONTH}"), await manager.open(f"so-lieu/tong-hop?{MONTH}")
    source = f"Số của tỉnh (Trả đúng hạn): {SOURCE}, ngày 5/4/2026."
    assert "Tỉnh: 92,5 %." in first.text
    assert re.search(r'<th scope="row">Trả đúng hạn</th>.*<td class="num">tỉnh: 92,5\s%</td></tr>', every.html)
    assert source in first.text
    assert source in every.text
    for other in (WEEK, "ky=quy&ngay=2026-03-01", f"{MONTH}&linh-vuc=ho-tich", f"{MONTH}&thu-tuc={DEATH}", f"{MONTH}&kenh=web"):
        assert "92,5 %" not in (await manager.open(f"so-lieu/tong-hop?{other}")).text, other
        assert SOURCE not in (await manager.open(f"so-lieu?{other}")).text, other


async def test_files_and_the_report_say_that_it_is_the_provinces_and_where_it_stands(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    await enter(manager, nguon='=HYPERLINK("http://x","y")<b>')
    for path in ("so-lieu/cua-tinh", f"so-lieu?{MONTH}", f"so-lieu/tong-hop?{MONTH}"):
        html = (await manager.open(path)).html
        assert "y&#34;)&lt;b&gt;" in html, path
        assert 'y")<b>' not in html, path

    async def got(path: str) -> bytes:
        return (await manager.client.get(f"{HOME}/{HERE}/so-lieu/{path}")).content

    cells = [cell for row in csv.reader(io.StringIO((await got(f"tep?{MONTH}&muc=tat-ca")).decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    book = openpyxl.load_workbook(io.BytesIO(await got(f"tep?{MONTH}&muc=tong-hop&kieu=xlsx")))
    held = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in held if cell.data_type == "f"]
    printed = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(await got(f"bao-cao.pdf?{MONTH}"))).pages).split())
    for text in (*("\n".join(found) for found in (cells, map(str, (cell.value for cell in held)))), printed):
        assert "tỉnh: 92,5 %" in text.replace("\u00a0", " ")
        assert 'Số của tỉnh (Trả đúng hạn): =HYPERLINK("http://x","y")<b>, ngày 5/4/2026.' in text


async def test_our_mean_of_all_factors_is_compared_and_no_single_factor(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    await enter(manager, chi_so="satisfaction", gia_tri="4,2")
    await enter(manager, chi_so="wait", gia_tri="12 phút")
    page = await manager.open(f"so-lieu/hai-long?{MONTH}")
    assert page.html.count("tỉnh: 4,2<") == 1
    assert re.search(r'<th scope="row">Hài lòng</th>.*?tỉnh: 4,2</td></tr>', page.html)
    assert "tỉnh: 12 phút" in (await manager.open(f"so-lieu/thoi-gian?{MONTH}")).text.replace("\u00a0", " ")


async def test_an_own_median_goes_first_and_then_the_province_is_not_even_asked(
    furnished: App, two_centers: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, here = furnished.store, two_centers.center
    names = [HERE, THERE, "c3", "c4"]
    directory = Directory(tuple(here.model_copy(update={"id": name, "place": name}) for name in names))
    await store.write(centers.settle, directory.all, now=clock.now())
    for name in names[2:]:
        await figures_days.furnish(store, name)
    await figures_days.count(store)
    for name in ("wait", "no_show"):
        await store.write(province_figures.enter, HERE, told(name, 5_00), actor="staff:1", now=clock.now())
    asked: list[str] = []
    real = province_figures.of_period

    def counted(session: Session, center: str, first: dt.date, last: dt.date) -> dict[str, Told]:
        asked.append(center)
        return real(session, center, first, last)

    monkeypatch.setattr(province_figures, "of_period", counted)

    def looked(session: Session) -> tuple[str, str, str, str]:
        ground = Ground(session, Asked("thang", MARCH), Names(dataclasses.replace(two_centers, directory=directory), MONDAY), HERE, "", clock.now())
        own = others.cell(ground, indicators.wait, MANNERS["wait"]).text
        assert asked == []
        none = [others.cell(ground, indicators.no_show, MANNERS["no_show"]).text for _ in range(3)]  # nobody booked: no median
        return own, others.sentence(ground, indicators.wait, MANNERS["wait"]), none[0], others.sources(ground, (indicators.wait, indicators.no_show))

    own, sentence, none, sources = await store.read(looked)
    assert re.fullmatch(r"[\d,]+\sphút", own)
    assert "Ở giữa các trung tâm khác" in sentence
    assert none.replace("\u00a0", " ") == "tỉnh: 5 %"
    assert sources == f"Số của tỉnh (Đặt hẹn mà không đến): {SOURCE}, ngày 5/4/2026."
    assert asked == [HERE]


async def test_what_cannot_be_comes_back_as_it_was_typed_with_a_sentence_at_the_field(app: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    tomorrow = clock.today(clock.now()) + dt.timedelta(days=1)
    html = await enter(manager, gia_tri='101"<i>', nguon=" ", ngay_nguon=str(tomorrow), ky="quy-1")
    assert manager.page.status == 422
    for name in ("gia-tri", "nguon", "ngay-nguon"):
        assert re.search(rf'href="#{name}"', html)
        assert re.search(rf'id="{name}-e">.*?</span>\s*<input [^>]*id="{name}"[^>]*aria-describedby="[^"]*{name}-e" aria-invalid="true"', html), name
    assert 'value="101&#34;&lt;i&gt;"' in html
    assert '<option value="quy-1" selected>' in html
    assert '<option value="on_time" selected>' in html
    assert f'value="{tomorrow}"' in html
    more: tuple[dict[str, str], ...] = (
        {"chi_so": "serve"}, {"ky": "tuan-3"}, {"nam": "2027x"}, {"nam": "2098"}, {"chi_so": "wait", "gia_tri": "601"}, {"ngay_nguon": "2026-02-28"},
    )  # fmt: skip
    for wrong in more:
        await enter(manager, **wrong)
        assert manager.page.status == 422, wrong
    assert await kept(app) == []


async def test_correcting_takes_one_step_and_taking_away_is_asked_back_and_both_stand_in_the_log(app: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager", name="chị Hoa")
    page = await manager.open("so-lieu/cua-tinh")
    assert "Một mình một trung tâm" in page.text
    assert 'value="Báo cáo 45/BC-SNV"' in await enter(manager), "ready for the next figure of the same report"
    assert f"Trả đúng hạn, tháng 3/2026 : 92,5 % Nguồn: {SOURCE}, ngày 5/4/2026. chị Hoa ghi lúc" in manager.page.text
    correct = re.search(rf'href="({ACTION}\?sua=\d+)#ghi"', manager.page.html)
    assert correct
    page = await manager.open(correct[1])
    form = with_field(page, "gia-tri")
    assert (form["nam"], form["gia-tri"], form["nguon"], form["ngay-nguon"]) == ("2026", "92,5", SOURCE, "2026-04-05")
    assert re.findall(r'<option value="([^"]+)" selected>', page.html) == ["on_time", "thang-3"]
    await manager.post(ACTION, {**ON_TIME, **form, "gia-tri": "93"})
    assert await kept(app) == [told("on_time", 93_00)]
    drop = re.search(rf'href="({ACTION}\?bo=\d+)#bo"', manager.page.html)
    assert drop
    asked = await manager.open(drop[1])
    assert f"Bỏ số này? Trả đúng hạn, tháng 3/2026: 93 % Nguồn: {SOURCE}" in asked.text.replace(" : ", ": ").replace("\u00a0", " ")
    assert await kept(app) == [told("on_time", 93_00)], "nothing is taken away by a link"
    gone = with_field(asked, "so")
    assert "Đã bỏ." in (await manager.post(ACTION, {**gone, "viec": "bo"})).text
    assert "đã được bỏ từ trước" in (await manager.post(ACTION, {**gone, "viec": "bo"})).text
    rows = await app.store.read(audit.read, audit.Filter((HERE,)), limit=3)
    assert [row.action for row in rows] == ["province.drop", "province.correct", "province.enter"]
    log = (await manager.open("nhat-ky")).text
    assert "Sửa số của tỉnh" in log
    assert "92,5" in log


async def test_a_long_list_is_turned_page_by_page_and_stays_where_it_is_when_one_is_corrected(app: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    months = [periods.before(MARCH, back) for back in range(province_figures.A_PAGE // 2 + 1)]
    for one in months:
        for name in ("wait", "on_time"):
            entered = told(name, 9_00)._replace(first=one.first, last=one.last)
            await app.store.write(province_figures.enter, HERE, entered, actor="staff:1", now=clock.now())
    first = await manager.open("so-lieu/cua-tinh")
    assert f"{2 * len(months)} số. Ở dưới là số thứ 1 đến {province_figures.A_PAGE}." in first.text
    older = re.search(r'rel="next" href="([^"]+)"', first.html)
    assert older
    second = await manager.open(older[1])
    assert listed(second) == ["Chờ trung bình, tháng 9/2024", "Trả đúng hạn, tháng 9/2024"]
    for way in ("sua", "bo"):
        link = re.search(rf'href="([^"]+[?;]{way}=\d+)#', second.html)
        assert link
        assert listed(await manager.open(link[1].replace("&amp;", "&"))) == listed(second)
    newer = re.search(r'rel="prev" href="([^"]+)"', second.html)
    assert newer
    assert listed(await manager.open(newer[1])) == listed(first)
