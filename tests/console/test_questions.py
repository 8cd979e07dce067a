"""The inbox of questions: oldest first, taken, answered to whoever asked, handed on, closed; the rights of a role, and nothing unescaped."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import attachments, people, proposals, questions, threads
from bot.domain.questions import Asker, Knows, Question, Topic
from bot.domain.threads import Said
from bot.messages import File
from handlers import answering
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import DeskDay, at

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (4).to_bytes(4) + (4).to_bytes(4) + b"rest"


async def ask(day: DeskDay, words: str, person: str = "lan", **topic: object) -> Question:
    def work(session: Session) -> Question:
        account = people.account_of(session, "telegram:1", person, now=day.now)
        asker = Asker(person_id=account.person_id, account_id=account.account_id)
        said = Said("citizen", words)
        return answering.hand_over(session, day.app.premises, asker, Topic(**topic), said, center_id=HERE, now=day.now)  # type: ignore[arg-type]

    made: Question = await day.app.store.write(work)
    return made


async def row(app: App, question: Question) -> Question:
    found = await app.store.read(questions.get, question.id)
    assert found is not None
    return found


async def deed(clerk: Clerk, question: Question, name: str, **fields: str) -> None:
    path = f"{HOME}/{HERE}/hoi-dap/{question.id}"
    await clerk.open(path)
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    await clerk.post(path, {"ma": token, "viec": name} | {key.replace("_", "-"): value for key, value in fields.items()})


async def test_the_oldest_is_on_top_and_the_overdue_ones_are_marked(day: DeskDay, sign_in: SignIn) -> None:
    await ask(day, "Câu hỏi cũ nhất", "lan")
    day.now = at("10:30")
    await ask(day, "Câu hỏi mới hơn", "hoa")
    day.now = at("14:30")
    text = (await (await sign_in("clerk")).open("hoi-dap")).text
    assert text.index("Câu hỏi cũ nhất") < text.index("Câu hỏi mới hơn")
    assert "2 câu chờ trả lời, lâu nhất 6 giờ 30 phút. 1 câu quá giờ hẹn." in text
    assert text.count("Quá hẹn") == 1


async def test_taken_answered_and_closed_from_the_page(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không", about="1.000656", knows=Knows("Khai tử", "ở nhà", ("Giấy báo tử",)))
    clerk = await sign_in("clerk")
    page = await clerk.open(f"hoi-dap/{question.id}")
    assert "Giấy báo tử" in page.text
    assert 'href="/thu-tuc/1.000656"' in page.html
    await deed(clerk, question, "nhan")
    assert "Đã nhận câu này." in clerk.page.text
    await deed(clerk, question, "tra-loi", tra_loi="Được, mang giấy báo tử.", lan="k1")
    assert "Được, mang giấy báo tử." in " ".join(await day.told("lan"))
    await deed(clerk, question, "dong")
    done = await row(app, question)
    assert (done.state, done.owner_id, done.closed_by) == ("closed", clerk.id, clerk.actor)
    assert "Khai tử ở đây" in (await clerk.open("hoi-dap?xem=dong")).text


async def test_an_answer_sent_twice_is_one_message(day: DeskDay, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    clerk = await sign_in("clerk")
    for _ in range(2):
        await deed(clerk, question, "tra-loi", tra_loi="Được ạ.", lan="same-key")
    assert sum("Được ạ." in told for told in await day.told("lan")) == 1


async def test_who_is_second_is_told_keeps_the_words_and_may_send_them_all_the_same(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    first, second = await sign_in("clerk", name="chị Hạnh"), await sign_in("clerk", name="anh Tú")
    await deed(first, question, "nhan")
    await deed(second, question, "tra-loi", tra_loi="Không <được> đâu.", lan="k2")
    assert second.page.status == 409
    assert "Câu này đang do chị Hạnh giữ" in second.page.text
    assert "Không &lt;được&gt; đâu.</textarea>" in second.page.html
    assert "Vẫn gửi câu trả lời này" in second.page.text
    assert not [told for told in await day.told("lan") if "đâu." in told]
    await deed(second, question, "tra-loi", tra_loi="Không được đâu.", lan="k2", van="1")
    assert any("Không được đâu." in told for told in await day.told("lan"))
    assert (await row(app, question)).owner_id == first.id


async def test_handed_on_to_a_colleague_with_the_right(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    clerk, other = await sign_in("clerk", name="chị Hạnh"), await sign_in("lead", name="anh Tú")
    outsider = await sign_in("clerk", scope=THERE, name="chị Xa")
    page = await clerk.open(f"hoi-dap/{question.id}")
    assert "anh Tú" in page.text
    assert "chị Xa" not in page.text
    await deed(clerk, question, "chuyen", cho=str(outsider.id))
    assert clerk.page.status == 422
    await deed(clerk, question, "chuyen", cho=str(other.id))
    assert (await row(app, question)).owner_id == other.id
    assert next(entry.action for entry in await day.audit()) == "question.pass"


async def test_an_answer_of_one_s_own_is_corrected_where_it_stands(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    clerk, other = await sign_in("clerk"), await sign_in("lead")
    await deed(clerk, question, "tra-loi", tra_loi="Mang bản sao.", lan="k1")
    answer = (await app.store.read(threads.of, [question.id]))[-1]
    await deed(other, question, "sua", tin=str(answer.id), sua="Tôi sửa hộ")
    assert other.page.status == 422
    await deed(clerk, question, "sua", tin=str(answer.id), sua="Mang bản chính.")
    told = [json.loads(reply) for reply in await day.told("lan")]
    assert told[-1]["key"] == told[-2]["key"]
    assert told[-1]["in_place"]
    assert "Mang bản chính." in json.dumps(told[-1], ensure_ascii=False)


@pytest.mark.parametrize(("role", "status"), [("volunteer", 403), ("auditor", 200), ("clerk", 200), ("manager", 200)])
async def test_who_may_look(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    someone = await sign_in(role)
    assert (await someone.open("hoi-dap")).status == status
    assert (await someone.open(f"hoi-dap/{question.id}")).status == status
    if role == "auditor":
        assert "Gửi câu trả lời" not in someone.page.text
        await deed(someone, question, "nhan")
        assert someone.page.status == 403


async def test_a_clerk_of_another_center_gets_nothing_by_hand(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Khai tử ở đây được không")
    outsider = await sign_in("clerk", scope=THERE)
    assert (await outsider.open(f"{HOME}/{HERE}/hoi-dap/{question.id}")).status == 403
    assert (await outsider.open(f"{HOME}/{THERE}/hoi-dap/{question.id}")).status == 404
    token = dict((await outsider.open(f"{HOME}/{THERE}/hoi-dap")).form(f"{HOME}/ra").fields)["ma"]
    for path in (f"{HOME}/{HERE}/hoi-dap/{question.id}", f"{HOME}/{THERE}/hoi-dap/{question.id}"):
        assert (await outsider.post(path, {"ma": token, "viec": "dong"})).status in (403, 404)
    assert (await row(app, question)).state == "open"


async def test_what_a_citizen_wrote_is_never_markup(day: DeskDay, sign_in: SignIn) -> None:
    question = await ask(day, "<script>alert(1)</script> “{x}” & <b>đậm</b>")
    clerk = await sign_in("clerk")
    for path in ("hoi-dap", f"hoi-dap/{question.id}"):
        text = (await clerk.open(path)).html
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


async def test_an_answer_teaches_the_catalog_without_naming_anybody(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Nhà em có đám, làm giấy gì")
    clerk = await sign_in("clerk")
    await deed(clerk, question, "de-xuat", loai="also", ma_thu_tuc="1.000656", cau="nhà em có đám, 0912345678")
    await deed(clerk, question, "de-xuat", loai="note", ma_thu_tuc="1.000656", cau="Mất ở nơi khác vẫn khai ở đây.")
    await deed(clerk, question, "de-xuat", loai="note", ma_thu_tuc="9.999999", cau="không có mã này")
    assert clerk.page.status == 422
    found = await app.store.read(proposals.waiting)
    assert proposals.by_code(found) == {"1.000656": {"also": ["nhà em có đám, …"], "notes": ["Mất ở nơi khác vẫn khai ở đây."]}}
    assert await app.store.write(proposals.settle, [found[0].id], "taken", "cli", now=clock.now()) == 1
    assert await app.store.write(proposals.settle, [found[0].id], "dropped", "cli", now=clock.now()) == 0


async def test_a_picture_is_shown_to_staff_only_and_removed_everywhere(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Giấy này được không")

    def with_picture(session: Session) -> int:
        number = attachments.keep(session, PNG, "anh.png", now=day.now)
        sent = File(id="f1", picture=True, name="anh.png", mime="image/png")
        message = threads.add(session, question.id, Said("citizen", "", file=sent, source=threads.Source("telegram:1", "lan", "55")), now=day.now)
        assert message is not None
        assert threads.fetched(session, message.id, number)
        return message.id

    message = await app.store.write(with_picture)
    clerk, outsider = await sign_in("clerk"), await sign_in("clerk", scope=THERE)
    path = f"{HOME}/{HERE}/hoi-dap/{question.id}/tep/{message}"
    shown = await clerk.client.get(path)
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/png", PNG)
    assert shown.headers["cache-control"] == "no-store"
    assert (await outsider.client.get(path)).status_code == 403
    await deed(clerk, question, "go-anh", tin=str(message))
    assert (await clerk.client.get(path)).status_code == 404
    assert (await app.store.read(attachments.load, 1)) is None, "the content is gone from the database"
    told = " ".join(await day.told("lan"))
    assert "Cán bộ đã gỡ ảnh anh/chị gửi" in told
    taken_away = [json.loads(reply) for reply in await day.told("lan") if json.loads(reply)["key"].endswith(":own")]
    assert taken_away[-1]["blocks"] == []
    assert taken_away[-1]["in_place"], "an empty message in its place has the channel delete it"


async def test_staff_send_a_picture_from_the_page(day: DeskDay, app: App, sign_in: SignIn) -> None:
    question = await ask(day, "Mẫu đơn nào")
    clerk = await sign_in("clerk")
    path = f"{HOME}/{HERE}/hoi-dap/{question.id}"
    token = dict((await clerk.open(path)).form(f"{HOME}/ra").fields)["ma"]

    async def post(content: bytes, key: str, hidden: str = token) -> int:
        fields, files = {"ma": hidden, "lan": key, "tra-loi": "Mẫu này"}, {"tep": ("mau.png", content, "image/png")}
        return (await clerk.client.post(f"{path}/tep", data=fields, files=files)).status_code

    assert await post(PNG, "k", hidden="another page's") == 403
    assert await post(b"<html>", "k") == 422
    assert [await post(PNG, "k") for _ in range(2)] == [303, 303]
    told = [json.loads(reply) for reply in await day.told("lan")]
    sent = [block for reply in told for block in reply["blocks"] if block["kind"] == "attached"]
    assert [(block["picture"], block["name"], block["attachment"]) for block in sent] == [(True, "mau.png", 1)], "once, however often it is sent"


async def test_open_pages_are_told_of_anything_new(day: DeskDay, app: App) -> None:
    before = await app.store.read(questions.newest, [HERE])
    question = await ask(day, "Khai tử ở đây được không")
    first = (await app.store.read(questions.newest, [HERE]))[HERE]
    assert before == {}
    day.now += dt.timedelta(seconds=5)
    await app.store.write(questions.touch, question.id, now=day.now)
    assert (await app.store.read(questions.newest, [HERE]))[HERE] > first
