"""Dossiers in the console: received, paused, ready, handed over and late by forms alone; files in and out."""

from __future__ import annotations

import asyncio
import datetime as dt
import io

import openpyxl  # type: ignore[import-untyped]
import pytest

from bot.db.enums import Role
from bot.domain import counters, dossier_lists, dossiers, queue
from bot.domain.dossiers import Dossier
from bot.domain.visits import Visit
from handlers import dossier_import
from tests.channels.webchat.visitor import Page
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, DeskDay, at, send
from tests.console.test_pressed_twice import form_with

LIST = f"/ban-lam-viec/{HERE}/ho-so"
CODE = "H12.34-231126-0012"


async def receive(clerk: Clerk, **fields: str) -> Page:
    await clerk.open("ho-so")
    form = form_with(clerk.page, "Nhận")
    return await clerk.post(LIST, dict(form.fields) | {"thu-tuc": "khai tử"} | {name.replace("_", "-"): value for name, value in fields.items()})


async def kept(day: DeskDay, code: str = CODE, center: str = HERE) -> Dossier:
    found = await day.app.store.read(dossiers.with_code, code, (center,))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("role", "reads", "works"), [("volunteer", 403, 403), ("clerk", 200, 200), ("lead", 200, 200), ("auditor", 200, 403), ("admin", 200, 200)]
)
async def test_clerks_work_and_auditors_read(day: DeskDay, sign_in: SignIn, role: Role, reads: int, works: int) -> None:
    first = await sign_in("clerk")
    await receive(first, ma_ho_so=CODE)
    somebody = await sign_in(role)
    assert (await somebody.open("ho-so")).status == reads
    token = dict(somebody.page.form("/ban-lam-viec/ra").fields)["ma"]
    number = (await kept(day)).id
    assert (await somebody.post(f"{LIST}/{number}", {"ma": token, "viec": "xong"})).status == works
    assert ((await kept(day)).state == "ready") == (works == 200)


async def test_received_by_hand_it_has_a_code_and_a_date(day: DeskDay, sign_in: SignIn) -> None:
    page = await receive(await sign_in("clerk"))
    assert page.status == 200
    assert "TT-231126-0001-" in page.text
    assert "Đã nhận hồ sơ" in page.text
    assert (await day.audit())[0].action == "dossier.receive"


async def test_pressed_twice_it_is_one_dossier(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    await clerk.open("ho-so")
    fields = dict(form_with(clerk.page, "Nhận").fields) | {"thu-tuc": "khai tử"}
    for _ in range(2):
        assert "-0001-" in (await clerk.post(LIST, fields)).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ma_ho_so": "xin chào"}, "không giống mã hồ sơ"),
        ({"hen": "2026-11-01"}, "không trước ngày nhận"),
        ({"hen": "mai"}, "Xem lại ngày hẹn"),
        ({"hen": "9999-12-31"}, "không xa quá năm năm"),
        ({"thu_tuc": "qwrtpsdf"}, "thủ tục"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(sign_in: SignIn, day: DeskDay, fields: dict[str, str], said: str) -> None:
    clerk = await sign_in("clerk")
    page = await receive(clerk, **fields)
    assert page.status == 422
    assert said in page.text
    assert "Không có hồ sơ nào ở đây" in (await clerk.open("ho-so")).text


async def test_a_code_that_is_there_already_is_refused(sign_in: SignIn, day: DeskDay) -> None:
    clerk = await sign_in("clerk")
    await receive(clerk, ma_ho_so=CODE)
    page = await receive(clerk, ma_ho_so=CODE.lower())
    assert (page.status, "đã có trong danh sách" in page.text) == (409, True)


async def accepted(day: DeskDay) -> Visit:
    visit = await day.book("10:00", MONDAY, name="lan", procedure="1.000656")
    await day.do(queue.check_in, visit, (await day.groups())["A"], actor="kiosk:1")
    desk = (await day.app.store.read(counters.counters, HERE))[0]
    called = await day.do(queue.call, visit, desk.id, actor="staff:1")
    ended: Visit = await day.do(queue.finish, called, "accepted", actor="staff:1")
    return ended


async def test_a_visit_that_ended_with_papers_taken_in_waits_for_its_code(day: DeskDay, sign_in: SignIn) -> None:
    visit = await accepted(day)
    clerk = await sign_in("clerk")
    await clerk.open("ho-so")
    assert "Vừa nộp hôm nay" in clerk.page.text
    form = next(form for form in clerk.page.forms if ("luot", str(visit.id)) in form.fields)
    page = await clerk.post(LIST, dict(form.fields) | {"ma-ho-so": CODE})
    assert "Nhận tin qua Một Cửa" in page.text
    assert CODE in "".join(await day.told("lan"))
    assert "Vừa nộp hôm nay" not in (await clerk.open("ho-so")).text


async def one(clerk: Clerk, day: DeskDay) -> str:
    await receive(clerk, ma_ho_so=CODE, hen="2026-11-25")
    return f"ho-so/{(await kept(day)).id}"


async def test_papers_are_asked_for_each_with_why(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    path = await one(clerk, day)
    assert "Ghi ít nhất một giấy" in (await send(clerk, path, "thieu")).text
    page = await send(clerk, path, "thieu", giay_0="Giấy báo tử", vi_0="outdated", giay_3="Sổ hộ khẩu", vi_3="not_required")
    assert "Giấy báo tử (đã quá hạn)" in page.text
    asked = (await kept(day)).papers_missing
    assert [(paper.id, paper.why) for paper in asked] == [("death_notice", "outdated"), ("", "not_required")]
    assert (await send(clerk, path, "xong")).status == 409, "a dossier that waits for papers is not ready"
    await send(clerk, path, "du")
    await send(clerk, path, "xong")
    await send(clerk, path, "chua-xong")
    page = await send(clerk, path, "tra")
    assert (await kept(day)).state == "returned"
    assert "Lấy lại, chưa xong" in page.text


async def test_the_letter_is_read_before_it_is_sent(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    path = await one(clerk, day)
    day.now = at("8:00", dt.date(2026, 11, 27))
    clerk = await sign_in("clerk")
    assert "quá 2 ngày" in (await clerk.open("ho-so?muc=overdue")).text
    draft = await send(clerk, path, "soan", ly_do="chờ xác minh", hen="2026-12-02")
    assert "Lý do: Chờ xác minh." in draft.text
    assert (await kept(day)).late_told_at is None, "a draft is no promise"
    form = form_with(draft, "thu")
    await clerk.post(form.action, dict(form.fields) | {"viec": "thu"})
    told = await kept(day)
    assert (told.due, told.late) == (dt.date(2026, 12, 2), True)


@pytest.mark.parametrize("fields", [{"ly_do": "x", "hen": "2026-11-29"}, {"ly_do": "", "hen": "2026-12-02"}, {"ly_do": "x", "hen": ""}])
async def test_a_letter_without_reason_or_on_a_sunday_is_refused(day: DeskDay, sign_in: SignIn, fields: dict[str, str]) -> None:
    clerk = await sign_in("clerk")
    path = await one(clerk, day)
    for deed in ("soan", "thu"):
        assert (await send(clerk, path, deed, **fields)).status == 422
    assert (await kept(day)).late_told_at is None


async def test_a_dossier_of_another_center_is_not_shown(day: DeskDay, sign_in: SignIn) -> None:
    await receive(await sign_in("clerk"), ma_ho_so=CODE)
    admin, number = await sign_in("admin", "*"), (await kept(day)).id
    assert (await admin.open(f"/ban-lam-viec/{THERE}/ho-so/{number}")).status == 404
    assert (await admin.open(f"ho-so/{10**30}")).status == 404


async def test_the_last_digits_lead_straight_to_it(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    await receive(clerk, ma_ho_so=CODE)
    assert "Tình hình" in (await clerk.open("ho-so?tim=0012")).text
    assert "Không có hồ sơ nào" in (await clerk.open("ho-so?tim=99999")).text


async def test_a_day_leaves_as_a_file_and_that_is_written_down(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    await receive(clerk, ma_ho_so=CODE)
    sheet = openpyxl.load_workbook(io.BytesIO((await clerk.client.get(f"{LIST}/bang?kieu=xlsx")).content)).active
    assert [cell.value for cell in sheet["A"]] == ["Mã hồ sơ", CODE]
    assert CODE in (await clerk.client.get(f"{LIST}/bang?ngay=2026-11-23&kieu=csv")).text
    assert CODE not in (await clerk.client.get(f"{LIST}/bang?ngay=2026-11-20")).text
    assert (await day.audit())[0].action == "dossier.export"


async def test_a_file_is_taken_in_with_a_report(day: DeskDay, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk")
    token = dict((await clerk.open("ho-so/tep")).form("/ban-lam-viec/ra").fields)["ma"]
    rows = f"Mã hồ sơ,Ngày nhận\n{CODE},23/11/2026\nkhông,23/11/2026".encode()
    answer = await clerk.client.post(f"{LIST}/tep", data={"ma": token}, files={"tep": ("ngay.csv", rows)})
    page = Page(answer)
    assert "1 hồ sơ mới" in page.text
    assert "1 dòng để lại" in page.text
    assert (await kept(day)).source == "import"
    assert (await clerk.client.post(f"{LIST}/tep", data={"ma": "?"}, files={"tep": ("ngay.csv", rows)})).status_code == 403
    answer = await clerk.client.post(f"{LIST}/tep", data={"ma": token}, files={"tep": ("anh.png", b"GIF\0")})
    assert (answer.status_code, "Không đọc được tệp này" in answer.text) == (422, True)


@pytest.mark.parametrize(("piece", "seen_between"), [(dossier_import.PIECE, True), (1000, False)])
async def test_a_long_file_lets_others_write_between_its_pieces(
    day: DeskDay, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, piece: int, seen_between: bool
) -> None:
    monkeypatch.setattr(dossier_import, "PIECE", piece)
    clerk, number = await sign_in("clerk"), 40
    token = dict((await clerk.open("ho-so/tep")).form("/ban-lam-viec/ra").fields)["ma"]
    rows = "\n".join(["Mã hồ sơ,Ngày nhận", *(f"H12-231126-{line:04},23/11/2026" for line in range(number))]).encode()
    sending = asyncio.create_task(clerk.client.post(f"{LIST}/tep", data={"ma": token}, files={"tep": ("ngay.csv", rows)}))
    seen = set()
    while not sending.done():
        seen.add(len(await day.app.store.read(dossier_lists.of_day, HERE, MONDAY)))
    assert f"{number} hồ sơ mới" in (await sending).text
    assert bool(seen - {0, number}) == seen_between, "and without pieces there is nothing between none and all"
