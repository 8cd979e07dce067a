"""The managers' pages: the numbers are those of the rollups, and nobody sees what is not theirs."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

import openpyxl  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader

from bot import numbers
from bot.app import App
from bot.console import figures_asked as asking
from bot.console import figures_pains as pains
from bot.console import figures_words as words
from bot.console.desk import HOME
from bot.console.figures_sections import SECTIONS
from bot.console.figures_words import MANNERS
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.domain import figure_times, figures, indicators, periods
from bot.domain.scopes import Scope
from bot.texts import t
from tests.console import figures_days
from tests.console.conftest import HERE, THERE, SignIn
from tests.console.figures_days import COPY, DEATH, MONDAY, PAPER, WEEK

WEEK_OF = periods.of("week", MONDAY)
IN_ADDRESS = {"field": "linh-vuc", "procedure": "thu-tuc", "channel": "kenh"}
FILTERS = f"{WEEK}&linh-vuc=ho-tich&thu-tuc={DEATH}&kenh=web"


@pytest.fixture
async def furnished(app: App) -> App:
    """Two centers; the other one is worse."""
    await figures_days.furnish(app.store, HERE)
    await figures_days.furnish(app.store, THERE, lacking=0.7)
    await figures_days.count(app.store)
    return app


def links(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)]


@pytest.mark.parametrize("narrowed", [{}, {"field": "ho-tich"}, {"procedure": DEATH}, {"channel": "web"}])
async def test_every_indicator_on_the_page_is_the_one_of_the_rollups(furnished: App, sign_in: SignIn, narrowed: dict[str, str]) -> None:
    asked = "".join(
        f"&{name}={narrowed[key]}" for name, key in (("linh-vuc", "field"), ("thu-tuc", "procedure"), ("kenh", "channel")) if key in narrowed
    )
    page = await (await sign_in("lead")).open(f"so-lieu/tong-hop?{WEEK}{asked}")
    found = await furnished.store.read(figures.sums, Scope(HERE, WEEK_OF.first, WEEK_OF.last, **narrowed))
    assert found.visits
    for name, manner in MANNERS.items():
        figure = indicators.ALL[name](found)
        row = re.search(rf'<th scope="row">{t(f"figures.is_{name}")}</th>(.*?)</tr>', page.html)
        assert row
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1])
        assert cells[:2] == [words.said(figure, manner), words.whole(figure)], name
    assert words.whole(indicators.satisfaction(found)) == str(indicators.satisfaction(found).people), "five levels of one person are one person"


@pytest.mark.parametrize("word", ["", "assist:7", *asking.CHANNELS])
def test_a_way_to_come_has_a_name_and_is_no_helper(tiny: Premises, word: str) -> None:
    named = words.Names(tiny, WEEK_OF.first).channel(word)
    assert named[0].isupper()
    assert "7" not in named


async def test_the_first_page_says_where_it_hurts_with_numbers_of_the_rollups(furnished: App, sign_in: SignIn) -> None:
    page = await (await sign_in("manager")).open(f"so-lieu?{WEEK}")
    text = page.text
    found = await furnished.store.read(figures.sums, Scope(HERE, WEEK_OF.first, WEEK_OF.last))
    wait, complete = indicators.wait(found), indicators.completeness(found)
    assert f"{numbers.decimal(wait.shown or 0, 1)} phút" in text
    assert f"n={found.wait_n}" in text
    assert f"{found.first_complete} trong {found.firsts} lượt đầu" in text
    assert complete.enough
    assert "Thứ Hai, 7 giờ, chờ" in text
    heat = await furnished.store.read(figure_times.heat, Scope(HERE, WEEK_OF.first, WEEK_OF.last))
    first = pains.INDICATORS[pains.worst(found, heat)[0].kind]
    assert re.findall(r'kpi--hurt">\s*<p class="kpi__name"><a [^>]*>([^<]+)', page.html) == [t(f"figures.is_{first}")]
    assert "không phải chỉ số SIPAS" in text
    assert "bác Bảy" not in text


async def test_what_comes_from_too_few_is_held_back_everywhere(app: App, sign_in: SignIn) -> None:
    await figures_days.furnish(app.store, HERE, visits=4)
    await figures_days.count(app.store)
    lead = await sign_in("lead")
    page = await lead.open(f"so-lieu?{WEEK}")
    assert ">ít<" in page.html
    assert not re.search(r'class="h[1-5]', page.html.partition('class="key"')[0])
    table = (await lead.open(f"so-lieu/tong-hop?{WEEK}")).html
    assert not re.search(r"\d+ trong \d", table)


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("volunteer", 403), ("lead", 200), ("auditor", 200)])
async def test_who_may_see_figures(furnished: App, sign_in: SignIn, role: Role, status: int) -> None:
    somebody = await sign_in(role)
    for path in ("so-lieu", *(f"so-lieu/{slug}" for slug in SECTIONS), "so-lieu/luot", "so-lieu/luot/1", "so-lieu/tep", "so-lieu/bao-cao.pdf"):
        answer = await somebody.client.get(f"{HOME}/{HERE}/{path}?{WEEK}")
        assert answer.status_code == status, path


async def test_a_manager_of_one_center_reads_no_other_one_and_not_all_of_them(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager")
    others = await furnished.store.read(lambda session: figures.by_center(session, Scope(None, WEEK_OF.first, WEEK_OF.last)))
    assert set(others) == {HERE, THERE}
    beyond = [
        f"{HOME}/{THERE}/{path}" for path in ("so-lieu", "so-lieu/giay-to", "so-lieu/luot", "so-lieu/luot/61", "so-lieu/tep", "so-lieu/bao-cao.pdf")
    ]
    for path in (*beyond, f"{HOME}/so-lieu", f"{HOME}/so-lieu/tep"):
        assert (await manager.client.get(f"{path}?{WEEK}")).status_code == 403, path
    assert (await manager.open(f"so-lieu/luot/61?{WEEK}")).status == 404  # a visit of the other center under the own address
    assert (await (await sign_in("manager", "*")).open(f"{HOME}/so-lieu?{WEEK}")).status == 200


@pytest.mark.parametrize("path", ["so-lieu", "so-lieu/giay-to", f"so-lieu/luot?giay={PAPER}"])
async def test_every_link_between_the_figures_carries_period_and_filters(furnished: App, sign_in: SignIn, path: str) -> None:
    page = await (await sign_in("manager", "*")).open(f"{path}{'&' if '?' in path else '?'}{FILTERS}")
    carried = [link for link in links(page.html) if "/so-lieu" in link and "?" in link and "ky=tuan&ngay=2026-03-02" in link]
    assert len(carried) > 10
    less = [link for link in carried if not parse_qs(urlsplit(link).query).items() >= {"linh-vuc": ["ho-tich"], "kenh": ["web"]}.items()]
    assert len(less) == 1  # the one that takes the filters away
    kinds = [link for link in links(page.html) if "ky=thang" in link]
    assert all(f"thu-tuc={DEATH}" in link and "kenh=web" in link for link in kinds)
    if "giay=" in path:
        assert all(f"giay={PAPER}" in link for link in kinds)


async def test_from_the_worst_center_to_its_reason_to_a_visit(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager", "*")
    rows = links((await manager.open(f"{HOME}/so-lieu?{WEEK}")).html.partition("<tbody>")[2])
    assert rows[0].startswith(f"{HOME}/{THERE}/so-lieu?")
    reasons = links((await manager.open(rows[0])).html.partition('class="rank')[2])
    behind = await manager.open(reasons[0])
    assert f"giay={PAPER}" in reasons[0]
    found = await furnished.store.read(
        figures.sums, Scope(THERE, WEEK_OF.first, WEEK_OF.last, procedure=re.findall(r"thu-tuc=([\d.]+)", reasons[0])[0])
    )
    assert f"{found.papers_missing} lượt." in behind.text
    assert "bác Bảy" not in behind.text
    one = await manager.open(next(link for link in links(behind.html) if re.search(r"/luot/\d+\?", link)))
    assert "Còn thiếu giấy; Thiếu giấy, hẹn quay lại cán bộ" in one.text
    assert "bác Bảy" not in one.text


async def test_the_reason_in_the_list_is_what_the_centers_own_page_begins_with(app: App, sign_in: SignIn) -> None:
    """Also where it is an hour of the week."""
    await figures_days.furnish(app.store, HERE, lacking=0, morning=80)
    await figures_days.furnish(app.store, THERE, lacking=0.5, morning=0)
    await figures_days.count(app.store)
    manager = await sign_in("manager", "*")
    listed = await manager.open(f"{HOME}/so-lieu?{WEEK}")
    said = [re.findall(r"<mark>(.*?)</mark>", (await manager.open(f"{HOME}/{center}/so-lieu?{WEEK}")).html)[0] for center in (HERE, THERE)]
    assert [one in listed.text for one in said] == [True, True]
    assert said[0].startswith("Thứ Hai, 7 giờ, chờ")


async def test_no_table_holds_a_formula(app: App, sign_in: SignIn) -> None:
    formulas = ['=HYPERLINK("http://x","y")', "+84", "-1+1", "@SUM(A1)", "\t=1"]
    await figures_days.furnish(app.store, HERE)
    for title in formulas:
        await figures_days.named(app.store, HERE, title)
    await figures_days.count(app.store)
    lead = await sign_in("lead")
    written = (await lead.client.get(f"{HOME}/{HERE}/so-lieu/tep?{WEEK}&muc=tat-ca")).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert {f"'{title}" for title in formulas} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    book = openpyxl.load_workbook(io.BytesIO((await lead.client.get(f"{HOME}/{HERE}/so-lieu/tep?{WEEK}&muc=tat-ca&kieu=xlsx")).content))
    held = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in held if cell.data_type == "f"]
    assert [cell for cell in held if cell.data_type == "n"]


async def test_the_report_for_the_meeting_says_the_same_in_readable_letters(furnished: App, sign_in: SignIn) -> None:
    answer = await (await sign_in("lead")).client.get(f"{HOME}/{HERE}/so-lieu/bao-cao.pdf?{WEEK}&thu-tuc={COPY}")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())
    found = await furnished.store.read(figures.sums, Scope(HERE, WEEK_OF.first, WEEK_OF.last, procedure=COPY))
    assert "Tuần 2–8/3/2026" in text
    assert f"{found.first_complete} trong {found.firsts}" in text
    assert "không phải chỉ số SIPAS" in text
