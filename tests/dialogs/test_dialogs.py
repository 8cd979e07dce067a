"""The acceptance conversations: real catalog, real database, numbers and words only. They are the specification."""

from __future__ import annotations

import re

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from procedures.catalog import Catalog
from tests.dialogs.citizen import LIST, PERSON, Step, converse, number, to_the_list
from tests.fakes import Talk


@pytest.fixture
def zalo(store: Store, real: Premises) -> Talk:
    return Talk(store, real)


SOURCE = re.compile(r"Nguồn: thủ tục (\S+), Quyết định \S+\. Kiểm tra ngày \d+/\d+/\d{4}\.")

RELATED = re.compile(r"^Việc liên quan: “([^”]+)”: \S", re.MULTILINE)


def source(answered: str) -> str:
    """The code below a list; every list names it with its decision and the day it was checked."""
    found = SOURCE.search(answered)
    assert found is not None, answered
    return found[1]


BIRTH = [
    "vk e mới đẻ hôm qua, 2 đứa chưa đk kết hôn, giờ lm giấy tờ cho bé ntn",
    "vợ em mới đẻ hôm qua, hai đứa chưa đăng ký kết hôn, giờ làm giấy tờ cho bé như thế nào",
]
BIRTHS = {"1.000689": "Khai sinh và nhận cha, mẹ, con cùng lúc", "1.001193": "Khai sinh cho con"}


@pytest.mark.parametrize("code", BIRTHS)
@pytest.mark.parametrize("said", BIRTH)
async def test_a_birth_to_unmarried_parents(zalo: Talk, real_catalog: Catalog, said: str, code: str) -> None:
    asked = await zalo.read(said)
    titles = {key: entry.title for key in BIRTHS if (entry := real_catalog.get(key)) is not None}
    if "Anh/chị cần việc nào dưới đây?" in asked:
        assert all(title in asked for title in titles.values())
        asked = await zalo.read(number(asked, titles[code]))
    opened = next(key for key, title in titles.items() if f"Việc này là: {title}." in asked)
    listed = await to_the_list(zalo, asked)
    assert source(listed) in BIRTHS
    assert opened in BIRTHS
    assert "Nộp lại" in listed
    assert "Tờ khai" in listed
    assert "giấy kết hôn" not in listed.lower()


async def test_a_death(zalo: Talk) -> None:
    asked = await zalo.read("ba tôi mất hôm kia, bệnh viện có cấp giấy báo tử rồi")
    if "cần việc nào" in asked:
        asked = await zalo.read(number(asked, "Đăng ký khai tử"))
    steps: list[Step] = [
        ("→ Có giấy báo tử", "Câu 2.", "15 ngày"),
        ("→ Mất trong 15 ngày", LIST, "Giấy báo tử", "Căn cước", "Không mất tiền", "Trả trong ngày", "15:00", "Trong 15 ngày kể từ ngày mất"),
    ]
    answered = asked
    for said, *fragments in steps:
        answered = await converse(zalo, [(number(answered, said[2:]), *fragments)])
    assert source(answered) == "1.000656"


async def test_a_list_names_what_follows_and_its_name_leads_there(zalo: Talk, real_catalog: Catalog) -> None:
    listed = await to_the_list(zalo, await zalo.read("đăng ký khai tử"))
    line = RELATED.search(listed)
    assert line is not None, listed
    event = real_catalog.life_events["nguoi-than-mat"]
    assert line[1] == event.name
    bundle = await zalo.read(line[1])
    assert event.intro in bundle
    assert number(bundle, event.steps[-1].why)


async def test_a_death_registered_late_costs_what_the_province_says(zalo: Talk) -> None:
    asked = await zalo.read("đăng ký khai tử cho bà ngoại")
    asked = await zalo.read(number(asked, "Có giấy báo tử"))
    answered = await zalo.read(number(asked, "Mất đã quá 15 ngày"))
    assert "Theo mức của" in answered
    assert "trung tâm chưa nhập mức này" in answered


DIALOGS: dict[str, list[Step]] = {
    "marriage": [
        ("tụi em muốn đăng ký kết hôn", "Đăng ký kết hôn", LIST, "Tờ khai đăng ký kết hôn", "cả hai người", "Tình trạng hôn nhân"),
        ("→ Sửa câu trả lời", "đang chọn"),
        ("quay lại", LIST),
    ],
    "certified copies": [
        ("photo công chứng bằng cấp 3", "Chứng thực bản sao", LIST, "Bản chính", "2.000\u00a0đồng/trang", "Đến quầy."),
        ("→ Đánh dấu giấy đã có", "Đã có 0 trong 2 giấy."),
        ("1 2", "Đã đủ 2 giấy."),
        ("→ Xong", "☑ 1.", "☑ 2."),
    ],
    "temporary residence": [
        ("đăng ký tạm trú cho người thuê trọ", "Đăng ký tạm trú", "Câu 1."),
        ("→ Nhà thuê", LIST, "CT01", "Hợp đồng thuê", "Công an xã"),
    ],
    "household business pause": [
        ("quán nhà em muốn tạm nghỉ bán mấy tháng thì báo ai", "hộ kinh doanh", "Câu 1."),
        ("→ Nghỉ bán từ 15 ngày", "Câu 2."),
        ("→ Hộ do một người", LIST, "Giấy đề nghị", "3 ngày làm việc trước ngày bắt đầu nghỉ"),
    ],
    "an identity card is done at the commune police": [
        ("làm lại căn cước bị mất", "Cấp lại thẻ căn cước", "Câu 1."),
        ("→ Mất thẻ", "Câu 2."),
        ("→ Người từ 14 tuổi", LIST, "Nộp ở đâu: Công an xã"),
    ],
    "a passport is done elsewhere": [
        ("làm hộ chiếu đi nước ngoài ở đâu", "Việc này không làm ở trung tâm.", "Nơi làm: Phòng Quản lý xuất nhập cảnh", "Kiểm tra ngày"),
        ("0", PERSON),
    ],
    "nonsense leads to a person": [
        ("asdf qwer zxcv", "Chưa tìm ra việc này", "“asdf qwer zxcv”", "0. Hỏi cán bộ"),
        ("0", PERSON, "Giờ làm việc"),
        ("→ Hỏi một việc khác", "Gõ một câu là được."),
        ("sao y bản chính", "Chứng thực bản sao"),
    ],
    "a life event": [
        ("2 vợ chồng sắp cưới cần làm những giấy gì", "Anh/chị muốn xem giấy tờ cho việc nào trước?", "1. Đăng ký kết hôn"),
        ("1", "Việc này là: Đăng ký kết hôn."),
        ("menu", "Anh/chị muốn làm gì?"),
        ("→ Chọn theo việc trong nhà", "Sinh con"),
        ("→ Người thân mất", "việc nào trước?", "khai tử"),
    ],
    "seeing and deleting what is kept": [
        ("sao y bản chính", LIST),
        ("dữ liệu của tôi", "90 ngày", "91/2025/QH15"),
        ("→ Xem dữ liệu của tôi", "2 tin", "Danh sách: Chứng thực bản sao"),
        ("→ Xóa dữ liệu của tôi", "Xóa rồi không lấy lại được."),
        ("→ Giữ lại", "Không xóa gì."),
        ("xóa dữ liệu", "Anh/chị muốn làm gì?"),
        ("→ Xóa dữ liệu của tôi", "Xóa hết"),
        ("→ Xóa hết", "Đã xóa hết tin nhắn và danh sách của anh/chị."),
        ("danh sách", "Anh/chị chưa lập danh sách nào."),
    ],
    "a lost thread is found again": [
        ("alo", "Chào anh/chị."),
        ("làm lại căn cước bị mất", "Câu 1."),
        ("8", "Không có dòng số 8.", "Câu 1."),
        ("không biết", PERSON),
        ("→ Trả lời tiếp", "Câu 1."),
        ("→ Mất thẻ", "Câu 2."),
        ("quay lại", "Câu 1."),
        ("quay lại", "Anh/chị muốn làm gì?"),
    ],
    "a list is printed and found again": [
        ("sao y bản chính", LIST),
        ("→ In hoặc lưu danh sách", "https://motcua.example/d/", ".pdf"),
        ("1", "https://motcua.example/d/"),
        ("menu", "Anh/chị muốn làm gì?"),
        ("→ Danh sách giấy tờ đã lập", "1. Chứng thực bản sao"),
        ("1", LIST),
    ],
}


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_by_numbers_and_words_only(zalo: Talk, name: str) -> None:
    await converse(zalo, DIALOGS[name])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("tụi em muốn đăng ký kết hôn", "1.000894"),
        ("photo công chứng bằng cấp 3", "2.000815"),
        ("đăng ký tạm trú cho người thuê trọ", "1.004194"),
        ("quán nhà em muốn tạm nghỉ bán mấy tháng thì báo ai", "1.001570"),
    ],
)
async def test_every_list_names_its_source(zalo: Talk, said: str, code: str) -> None:
    assert source(await to_the_list(zalo, await zalo.read(said))) == code


async def test_a_restart_in_the_middle_is_not_noticed(database_url: str, real: Premises) -> None:
    before = Store(database_url)
    first = Talk(before, real)
    asked = await first.read("làm lại căn cước bị mất")
    before.close()
    after = Store(database_url)
    second = Talk(after, real)
    await second.unread()
    answered = await second.say(number(asked, "Mất thẻ"), update="after the restart")
    assert answered[0].step == "Câu 2"
    after.close()


async def test_two_people_talk_at_once_and_do_not_mix(zalo: Talk) -> None:
    await zalo.say("làm lại căn cước bị mất", person="lan")
    await zalo.say("sao y bản chính", person="mai")
    assert "Câu 2." in await zalo.read("1", person="lan")
    assert "Đã có 0 trong 2 giấy." in await zalo.read("1", person="mai")


async def test_every_curated_entry_opens_and_offers_a_person(zalo: Talk, real_catalog: Catalog) -> None:
    """The first answer of every curated entry, as a Zalo user would read it."""
    for code, entry in real_catalog.procedures.items():
        if entry.depth != "curated":
            continue
        answered = await zalo.read(payload=f"p:{code}", person=code)
        assert "Có lỗi" not in answered, code
        assert re.search(r"^0\. ", answered, re.MULTILINE), code
