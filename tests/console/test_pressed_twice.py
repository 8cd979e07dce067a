"""A button pressed twice on a slow line: the same form sent again gives the same number and the same booking."""

from __future__ import annotations

from bot.app import App
from bot.domain import counters, visits
from tests.channels.webchat.visitor import Form, Page
from tests.console.conftest import HERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, WEDNESDAY, DeskDay
from tests.console.test_queue import QUEUE, seated

CALENDAR = f"/ban-lam-viec/{HERE}/lich-hen"


def form_with(page: Page, value: str) -> Form:
    """The form of the page with this button."""
    return next(form for form in page.forms if any(button.value == value or value in button.label for button in form.buttons))


async def number(clerk: Clerk, form: Form, group: int) -> str:
    page = await clerk.post(QUEUE, dict(form.fields) | {"viec": "lay-so", "nhom": str(group)})
    assert page.status == 200
    return page.text.partition("Đã phát số ")[2][:4]


async def test_a_clerk_who_presses_twice_gives_one_number(app: App, sign_in: SignIn) -> None:
    clerk = await seated(app, sign_in)
    group = (await app.store.read(counters.groups, HERE))[0].id
    form = form_with(clerk.page, "lay-so")
    assert [await number(clerk, form, group) for _ in range(2)] == ["A001", "A001"]
    assert await number(clerk, form_with(clerk.page, "lay-so"), group) == "A002", "the page that was drawn anew is for somebody else"


async def test_a_form_that_was_refused_can_be_sent_right(app: App, sign_in: SignIn) -> None:
    clerk = await seated(app, sign_in)
    form = form_with(clerk.page, "lay-so")
    assert (await clerk.post(QUEUE, dict(form.fields) | {"viec": "lay-so", "nhom": "999"})).status == 422
    assert await number(clerk, form, (await app.store.read(counters.groups, HERE))[0].id) == "A001"


async def test_two_presses_for_somebody_on_the_phone_take_one_seat(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    form = form_with(await lead.open("lich-hen?luc=2026-11-25T09:00"), "Đặt")
    codes = [(await lead.post(CALENDAR, dict(form.fields))).answer.url.path for _ in range(2)]
    assert codes[0] == codes[1]
    assert len(await day.app.store.read(visits.of_day, HERE, WEDNESDAY)) == 1


async def test_an_end_before_its_hour_is_not_taken_for_staying_away(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    visit = await day.book("16:00", MONDAY, name="lan")
    await lead.open("ngay")
    token = dict(lead.page.form("/ban-lam-viec/ra").fields)["ma"]
    await lead.post(f"/ban-lam-viec/{HERE}/ngay", {"ma": token, "viec": "ket-thuc", "ngay": MONDAY.isoformat(), "som": "1"})
    assert (await day.row(visit)).state == "cancelled"
    assert "phải nghỉ sớm" in (await day.told("lan"))[-1]
    center = day.app.premises.directory.get(HERE)
    assert center is not None
    assert center.day(MONDAY).reason == "nghỉ sớm", "at once, for whoever looks at the hours"
