"""Who may see, add and change whom: tried through the pages, for every role, at the own center and at another."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import audit, roster, staff
from bot.domain.roles import Member
from tests.console.conftest import HERE, THERE, Clerk, SignIn

LIST = f"{HOME}/{HERE}/nguoi"


async def other(app: App, role: Role = "clerk", scope: str = HERE, name: str = "chị Hạnh") -> int:
    return await app.store.write(staff.create, name, scope, role, now=clock.now())


async def roles_of(app: App, number: int) -> Mapping[str, Role]:
    found = await app.store.read(staff.find, number)
    assert found is not None
    return found.roles


async def last_deed(app: App) -> tuple[str, str, str]:
    rows = await app.store.read(audit.read, audit.Filter((HERE, THERE, "")), limit=1)
    return rows[0].actor, rows[0].action, rows[0].subject


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 200), ("manager", 200), ("auditor", 200), ("admin", 200)])
async def test_the_list_is_for_those_who_may_read_it(sign_in: SignIn, role: Role, status: int) -> None:
    page = await (await sign_in(role)).open("nguoi")
    assert page.status == status
    if status == 403:
        assert "Vai trò này không làm được việc đó" in page.text
        assert "Cán bộ quầy" in page.text
        assert "Người" not in page.links


@pytest.mark.parametrize("role", ["clerk", "lead", "manager", "auditor", "admin"])
async def test_another_center_is_closed_to_every_role_of_this_one(app: App, sign_in: SignIn, role: Role) -> None:
    number = await other(app, scope=THERE)
    somebody = await sign_in(role)
    for path in (f"{HOME}/{THERE}/nguoi", f"{HOME}/{THERE}/nguoi/{number}", f"{HOME}/{THERE}/nhat-ky", f"{HOME}/khong-co/nguoi"):
        page = await somebody.open(path)
        assert page.status == 403
        assert "Không có vai trò ở trung tâm này" in page.text


async def test_a_center_that_does_not_exist_is_missing_for_whoever_may_go_everywhere(sign_in: SignIn) -> None:
    admin = await sign_in("admin", "*")
    assert (await admin.open(f"{HOME}/khong-co/nguoi")).status == 404


async def test_a_lead_adds_a_clerk_and_gives_a_link_that_works(app: App, sign_in: SignIn, stranger: Clerk) -> None:
    lead = await sign_in("lead")
    await lead.open("nguoi")
    page = await lead.send(LIST, ten="  chị   Hạnh ", vai_tro="clerk")
    assert "Đã thêm" in page.text
    assert "chị Hạnh" in page.text
    (number,) = [known.member.id for known in await app.store.read(roster.everyone) if known.member.name == "chị Hạnh"]
    assert await roles_of(app, number) == {HERE: "clerk"}
    assert await last_deed(app) == (lead.actor, "staff.create", f"staff:{number}")
    page = await lead.deed(number, "duong-dan")
    link = page.html.split('id="duong-dan" value="')[1].split('"')[0]
    path = link.removeprefix(app.premises.address)
    await stranger.open(path)
    assert "chị Hạnh" in (await stranger.send(path)).text
    assert link not in (await lead.open(f"nguoi/{number}")).html, "shown once"


async def test_a_lead_gives_a_code_that_connects_a_chat_and_sees_that_it_did(app: App, sign_in: SignIn) -> None:
    lead, number = await sign_in("lead"), await other(app)
    page = await lead.deed(number, "ma-noi")
    code = page.html.split("plate plate--now")[1].split(">")[1].split("<")[0]
    assert f"nối {code}" in page.text
    assert (await app.store.write(staff.connect, code, "telegram:1", "5", now=clock.now())) is not None
    page = await lead.open(f"nguoi/{number}")
    assert "Telegram, nối" in page.text
    assert "Đã nối" in (await lead.open("nguoi")).text
    await lead.deed(number, "bo-noi")
    assert await app.store.read(staff.of_account, "telegram:1", "5") is None


@pytest.mark.parametrize("given", ["clerk", "lead", "manager", "auditor", "admin"])
@pytest.mark.parametrize("role", ["clerk", "lead", "manager", "auditor", "admin"])
async def test_nobody_adds_or_raises_anybody_above_what_they_may_give(app: App, sign_in: SignIn, role: Role, given: Role) -> None:
    somebody, number = await sign_in(role), await other(app)
    allowed = Member(1, "", {HERE: role}).may_grant(given, HERE)
    page = await somebody.open(f"{HOME}/{THERE}/nguoi")
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    added = await somebody.post(LIST, {"ma": token, "ten": "người mới", "vai-tro": given})
    assert (added.status == 200) == allowed
    assert len([known for known in await app.store.read(roster.everyone) if known.member.name == "người mới"]) == allowed
    await somebody.post(f"{LIST}/{number}", {"ma": token, "viec": "vai-tro", "noi": HERE, "vai-tro": given})
    assert await roles_of(app, number) == {HERE: given if allowed else "clerk"}


@pytest.mark.parametrize("scope", ["*", THERE, "khong-co", ""])
async def test_a_lead_gives_no_role_elsewhere(app: App, sign_in: SignIn, scope: str) -> None:
    lead, number = await sign_in("lead"), await other(app)
    page = await lead.deed(number, "vai-tro", noi=scope, vai_tro="clerk")
    assert page.status == 403
    assert await roles_of(app, number) == {HERE: "clerk"}
    await lead.open("nguoi")
    token = dict(lead.page.form(LIST).fields)["ma"]
    await lead.post(LIST, {"ma": token, "ten": "người mới", "vai-tro": "clerk", "noi": scope})
    added = [known.member.roles for known in await app.store.read(roster.everyone) if known.member.name == "người mới"]
    assert added == ([{HERE: "clerk"}] if scope == "" else [])


DEEDS = ["ten", "duong-dan", "ma-noi", "bo-noi", "ra", "nghi", "lam-lai", "vai-tro"]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("role", "scope"), [("manager", HERE), ("auditor", HERE), ("admin", HERE), ("clerk", "*"), ("admin", "*")])
async def test_a_lead_touches_nobody_above(app: App, sign_in: SignIn, deed: str, role: Role, scope: str) -> None:
    lead, number = await sign_in("lead"), await other(app, role, scope)
    before = await last_deed(app)
    page = await lead.deed(number, deed, ten="khác", vai_tro="clerk", noi=scope)
    assert page.status == 403
    assert "cần vai trò cao hơn" in page.text
    assert await last_deed(app) == before, "nothing was done, so nothing is written down"
    offered = {button.value for form in page.forms for button in form.buttons if button.value}
    assert offered == (set() if scope == HERE else {"vai-tro"}), "whoever has a role everywhere may be given one here as well"


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_lead_does_not_let_in_or_out_whoever_works_elsewhere_too(app: App, sign_in: SignIn, deed: str) -> None:
    lead, number = await sign_in("lead"), await other(app)
    await app.store.write(staff.set_role, number, THERE, "clerk", actor="cli", now=clock.now())
    page = await lead.deed(number, deed, ten="khác", vai_tro="lead", noi=HERE)
    assert page.status == (200 if deed == "vai-tro" else 403), "the role at the own center is theirs to change"


async def test_somebody_of_another_center_is_not_even_shown(app: App, sign_in: SignIn) -> None:
    lead, number = await sign_in("lead"), await other(app, scope=THERE, name="bà Thu")
    assert "bà Thu" not in (await lead.open("nguoi")).text
    assert (await lead.open(f"nguoi/{number}")).status == 404
    token = dict((await lead.open("nguoi")).form(f"{HOME}/ra").fields)["ma"]
    assert (await lead.post(f"{LIST}/{number}", {"ma": token, "viec": "nghi"})).status == 404
    assert (await lead.open("nguoi/999")).status == 404
    admin = await sign_in("admin", "*")
    assert "bà Thu" in (await admin.open("nguoi")).text


async def test_nobody_changes_their_own_role_or_switches_themselves_off(app: App, sign_in: SignIn) -> None:
    admin = await sign_in("admin", "*")
    page = await admin.deed(admin.id, "vai-tro", noi="*", vai_tro="clerk")
    assert page.status == 403
    page = await admin.deed(admin.id, "nghi")
    assert page.status == 422
    assert "Không tự cho mình nghỉ" in page.text
    assert await roles_of(app, admin.id) == {"*": "admin"}
    assert await app.store.read(staff.is_active, admin.id)


async def test_switched_off_is_out_at_the_next_click_and_comes_back_when_switched_on(app: App, sign_in: SignIn) -> None:
    admin, lead = await sign_in("admin"), await sign_in("lead")
    assert (await lead.open("nguoi")).status == 200
    page = await admin.deed(lead.id, "nghi")
    assert "Đã nghỉ" in page.text
    assert (await lead.client.get(f"{HOME}/{HERE}/nguoi")).status_code == 303
    page = await admin.deed(lead.id, "duong-dan")
    assert "không tạo được đường dẫn" in page.text
    assert "Đã cho làm việc lại" in (await admin.deed(lead.id, "lam-lai")).text
    assert await app.store.read(staff.is_active, lead.id)


async def test_a_role_taken_away_closes_the_page_at_the_next_click(app: App, sign_in: SignIn) -> None:
    admin, lead = await sign_in("admin"), await sign_in("lead")
    await lead.open("nguoi")
    await admin.deed(lead.id, "vai-tro", noi=HERE, vai_tro="clerk")
    assert (await lead.open("nguoi")).status == 403
    await admin.deed(lead.id, "vai-tro", noi=HERE, vai_tro="")
    assert await roles_of(app, lead.id) == {}


async def test_a_name_is_needed_and_what_was_chosen_is_kept(sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    await lead.open("nguoi")
    page = await lead.send(LIST, ten="", vai_tro="lead")
    assert page.status == 422
    assert "Chưa gõ tên" in page.text
    assert '<option value="lead" selected>' in page.html


async def test_a_name_is_shown_as_it_was_typed_and_does_nothing(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    await lead.open("nguoi")
    page = await lead.send(LIST, ten="<script>alert(1)</script>{{ 7*7 }}", vai_tro="clerk")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page.html
    assert "<script>" not in page.html


async def test_pressed_twice_changes_once(app: App, sign_in: SignIn) -> None:
    lead, number = await sign_in("lead"), await other(app)
    await lead.deed(number, "vai-tro", noi=HERE, vai_tro="lead")
    page = await lead.deed(number, "vai-tro", noi=HERE, vai_tro="lead")
    assert "Không có gì để đổi" in page.text

    def changes(session: Session) -> int:
        return len(audit.read(session, audit.Filter((HERE,), action="staff.role"), limit=9))

    assert await app.store.read(changes) == 1


@pytest.mark.parametrize("deed", ["", "khong-co", "__class__"])
async def test_a_deed_that_does_not_exist_changes_nothing(app: App, sign_in: SignIn, deed: str) -> None:
    lead, number = await sign_in("lead"), await other(app)
    before = await last_deed(app)
    assert (await lead.deed(number, deed)).status == 403
    assert await last_deed(app) == before
