"""Practice pages: done without JavaScript, corrected once, and the lead sees who has practised what."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import practice
from bot.domain.practice import Kept
from tests.channels.webchat.visitor import Page
from tests.console.conftest import HERE, Clerk, SignIn

BASE = f"{HOME}/{HERE}/luyen-tap"


async def begin(app: App, clerk: Clerk, code: str = "1.000656") -> Kept:
    """The exercise that is on the page."""
    await clerk.open("luyen-tap")
    page = await clerk.send(BASE, viec=code)
    found = await app.store.read(practice.get, clerk.id, int(str(page.answer.url).rpartition("/")[2]))
    assert found is not None
    return found


async def pick(clerk: Clerk, kept: Kept, *places: int) -> Page:
    form = clerk.page.form(f"{BASE}/{kept.id}")
    token = dict(form.fields)["ma"]
    answer = await clerk.client.post(
        form.action,
        content="&".join([f"ma={token}", *(f"giay={place}" for place in places)]),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    clerk.page = Page(await clerk.client.get(answer.headers["location"], follow_redirects=True))
    return clerk.page


async def test_a_helper_practises_and_is_corrected_with_the_source(app: App, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    page = await mai.open("luyen-tap")
    assert "Đăng ký khai tử" in page.text
    assert "Chưa làm" in page.text
    kept = await begin(app, mai)
    assert set(mai.page.form(f"{BASE}/{kept.id}").boxes) == {str(place) for place in range(len(kept.exercise.papers))}
    page = await pick(mai, kept, *kept.exercise.right)
    assert f"Đúng cả {len(kept.exercise.right)} giấy" in page.text
    assert "100/100 điểm" in page.text
    assert "1.000656" in page.text
    assert "Kiểm tra ngày 21/11/2026" in page.text
    assert "1 lần, lần cuối 100/100 điểm" in (await mai.open("luyen-tap")).text


async def test_every_paper_of_a_wrong_pick_is_judged(app: App, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    kept = await begin(app, mai)
    wrong = [place for place in range(len(kept.exercise.papers)) if place not in kept.exercise.right]
    page = await pick(mai, kept, wrong[0], min(kept.exercise.right))
    total = len(kept.exercise.right)
    assert f"Đúng 1 trong {total} giấy" in page.text
    assert [page.html.count(f">{word}</span>") for word in ("Đúng", "Thừa", "Thiếu")] == [1, 1, total - 1]


async def test_sent_again_it_stays_the_correction_that_was(app: App, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    kept = await begin(app, mai)
    shown = mai.page
    await pick(mai, kept)
    mai.page = shown
    page = await pick(mai, kept, *kept.exercise.right)
    assert f"Đúng 0 trong {len(kept.exercise.right)} giấy" in page.text
    assert len((await app.store.read(practice.records, [mai.id]))[mai.id]) == 1


async def test_any_exercise_suits_and_one_without_a_list_is_said_not_to_be(app: App, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    await mai.open("luyen-tap")
    assert "Có người đến làm" in (await mai.send(BASE, viec="")).text
    await mai.open("luyen-tap")
    assert "chưa có thủ tục nào để luyện tập" in (await mai.send(BASE, viec="bang-lai-xe")).text


async def test_an_exercise_is_nobody_elses(app: App, sign_in: SignIn) -> None:
    mai, nam = await sign_in("volunteer"), await sign_in("clerk")
    kept = await begin(app, mai)
    assert (await nam.open(f"luyen-tap/{kept.id}")).status == 404


async def test_an_entry_that_changed_is_not_corrected_from(app: App, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    mai = await sign_in("volunteer")
    kept = await begin(app, mai)
    newer = app.premises.catalog.procedures[kept.code].model_copy(update={"version": "another"})
    monkeypatch.setitem(cast("dict[str, Any]", app.premises.catalog.procedures), kept.code, newer)
    assert "không chấm theo bản cũ" in (await pick(mai, kept, 0)).text


async def test_the_lead_sees_who_has_practised_what_and_the_helper_only_own_scores(app: App, sign_in: SignIn) -> None:
    mai, nam = await sign_in("volunteer", name="em Mai"), await sign_in("volunteer", name="em Nam")
    kept = await begin(app, mai)
    await pick(mai, kept, *kept.exercise.right)
    await begin(app, nam)
    for role in ("lead", "manager", "auditor", "admin"):
        page = await (await sign_in(role, name=f"chị {role}")).open("luyen-tap")
        assert page.status == 200
        assert "Ai đã luyện tập" in page.text
        assert "Đăng ký khai tử: 1 lần, lần cuối 100/100 điểm" in page.text
        assert "em Nam" not in page.text, "begun is not practised"
    assert "em Mai" not in (await nam.open("luyen-tap")).text
    assert "Ai đã luyện tập" not in nam.page.text


async def test_an_auditor_looks_on_and_has_no_exercise(sign_in: SignIn) -> None:
    auditor = await sign_in("auditor")
    page = await auditor.open("luyen-tap")
    assert "Chưa ai luyện tập" in page.text
    assert not [form for form in page.forms if form.action == BASE]
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    assert (await auditor.post(BASE, {"ma": token, "viec": ""})).status == 403


@pytest.mark.parametrize("role", ["lead", "auditor"])
async def test_the_page_stands_once_in_the_navigation(sign_in: SignIn, role: Role) -> None:
    page = await (await sign_in(role)).open("luyen-tap")
    assert page.html.count(f'href="{BASE}"') == 1
