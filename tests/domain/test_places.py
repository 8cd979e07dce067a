"""Former communes are found as people write them; what can mean several is asked back, what can mean none is said so."""

from __future__ import annotations

import csv
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import gazetteer, places
from bot.domain.gazetteer import Area, Place
from procedures.text import fold

HA_NOI, HO_CHI_MINH = "thành phố Hà Nội", "thành phố Hồ Chí Minh"


def rows(file: str) -> list[dict[str, str]]:
    with (gazetteer.FOLDER / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def former() -> list[Place]:
    found = [places.place(row["code"]) for row in rows("former.csv")]
    return [place for place in found if place is not None]


def units(found: places.Found) -> str:
    return " + ".join(f"{unit.kind} {unit.name}, {unit.province}" for unit in found.units)


def test_the_table_holds_as_many_units_as_the_state_counts() -> None:
    kinds = Counter(row["kind"] for row in rows("units.csv"))
    assert kinds == {"xã": 2621, "phường": 687, "đặc khu": 13, "tỉnh": 28, "thành phố": 6}
    assert len({row["code"] for row in rows("units.csv")}) == 3321 + 34


def test_the_table_holds_every_former_commune_and_its_parts() -> None:
    table = rows("former.csv")
    assert Counter(row["kind"] for row in table) == {"xã": 7692, "phường": 1726, "thị trấn": 617, "huyện": 5}
    assert len({row["code"] for row in table}) == len(table) == 10_035 + 5
    assert 440 <= sum(" " in row["units"] for row in table) <= 471
    known = {row["code"] for row in rows("units.csv") if row["province"]}
    assert {code for row in table for code in row["units"].split()} == known


def test_the_keys_in_the_table_are_those_that_texts_are_looked_up_by() -> None:
    for row in [*rows("former.csv"), *(row for row in rows("units.csv") if row["province"])]:
        assert row["key"] == gazetteer.commune_key(row["kind"], row["name"])


def test_the_source_is_named_with_its_day_and_licence() -> None:
    source = places.source()
    assert (source.package, source.version, source.as_of.isoformat()) == ("vietnamadminunits", "1.0.4", "2025-08-23")
    assert "MIT License" in (gazetteer.FOLDER / "LICENSE-vietnamadminunits").read_text(encoding="utf-8")


# What is typed → today's units, the one first that the table takes by default.
ONE = [
    ("Xã Tam Hiệp cũ, huyện Phúc Thọ, Hà Nội", "xã Hát Môn, thành phố Hà Nội"),
    ("tam hiep phuc tho", "xã Hát Môn, thành phố Hà Nội"),
    ("tam hiep bien hoa", "phường Tam Hiệp, tỉnh Đồng Nai"),
    ("Phường Tam Hiệp", "phường Tam Hiệp, tỉnh Đồng Nai"),
    ("Tam Hiệp, huyện Núi Thành", "xã Núi Thành, thành phố Đà Nẵng"),
    ("tam hiep, chau thanh, tien giang", "xã Long Hưng, tỉnh Đồng Tháp"),
    ("Tam Hiệp Bình Đại", "xã Phú Thuận, tỉnh Vĩnh Long"),
    ("Tam Hiệp, Thanh Trì", "xã Đại Thanh, thành phố Hà Nội + phường Hoàng Liệt, thành phố Hà Nội"),
    ("Tam Hiệp Đồng Tháp", "xã Long Hưng, tỉnh Đồng Tháp"),
    ("P. Bến Nghé Q1", "phường Sài Gòn, thành phố Hồ Chí Minh"),
    ("phường Bến Nghé, quận 1, TP.HCM", "phường Sài Gòn, thành phố Hồ Chí Minh"),
    ("phường 12 quận Gò Vấp", "phường An Hội Tây, thành phố Hồ Chí Minh"),
    ("P.12 Q.Gò Vấp", "phường An Hội Tây, thành phố Hồ Chí Minh"),
    ("12 go vap", "phường An Hội Tây, thành phố Hồ Chí Minh"),
    ("p26 q bình thạnh tphcm", "phường Bình Thạnh, thành phố Hồ Chí Minh"),
    ("phuong 01 tp vung tau", "phường Vũng Tàu, thành phố Hồ Chí Minh"),
    ("p. 1, tp. Cà Mau", "phường An Xuyên, tỉnh Cà Mau"),
    ("p1 q3 sài gòn", "phường Bàn Cờ, thành phố Hồ Chí Minh"),
    ("Phường Thủ Thiêm, quận 2", "phường An Khánh, thành phố Hồ Chí Minh"),
    ("thảo điền", "phường An Khánh, thành phố Hồ Chí Minh"),
    ("TT Trâu Quỳ", "xã Gia Lâm, thành phố Hà Nội + xã Bát Tràng, thành phố Hà Nội"),
    ("thi tran trau quy huyen gia lam", "xã Gia Lâm, thành phố Hà Nội + xã Bát Tràng, thành phố Hà Nội"),
    ("xã trâu quì gia lâm hà nọi", "xã Gia Lâm, thành phố Hà Nội + xã Bát Tràng, thành phố Hà Nội"),
    ("xã Đại Áng", "xã Ngọc Hồi, thành phố Hà Nội + xã Thường Tín, thành phố Hà Nội"),
    ("yên viên", "xã Phù Đổng, thành phố Hà Nội"),
    ("Núi Thành", "xã Núi Thành, thành phố Đà Nẵng"),
    ("huyện Lý Sơn", "đặc khu Lý Sơn, tỉnh Quảng Ngãi"),
    ("côn đảo", "đặc khu Côn Đảo, thành phố Hồ Chí Minh"),
    ("Phường Sài Gòn", "phường Sài Gòn, thành phố Hồ Chí Minh"),
    ("xã Ea H’leo", "xã Ea H'Leo, tỉnh Đắk Lắk"),
    ("ea hleo", "xã Ea H'Leo, tỉnh Đắk Lắk"),
    ("Glar", "xã Đak Đoa, tỉnh Gia Lai"),
    ("xã Xá Nhè, Tủa Chùa", "xã Sáng Nhè, tỉnh Điện Biên"),
    ("xa nhe tua chua", "xã Sáng Nhè, tỉnh Điện Biên"),
    ("phùng xá thạch thất", "xã Tây Phương, thành phố Hà Nội"),
    ("phung xa thach that", "xã Tây Phương, thành phố Hà Nội"),
    ("văn lăng", "xã Văn Lăng, tỉnh Thái Nguyên"),
    ("xa tam hieepj phucs thoj", "xã Hát Môn, thành phố Hà Nội"),
    ("tamhiep bienhoa", "phường Tam Hiệp, tỉnh Đồng Nai"),
    ("XÃ BÌNH LỢI - HUYỆN BÌNH CHÁNH", "xã Bình Lợi, thành phố Hồ Chí Minh"),
    ("cho em hỏi xã hát môn cũ nay thuộc xã nào ạ", "xã Hát Môn, thành phố Hà Nội"),
    ("thôn Đông, xã Tam Hiệp, Phúc Thọ", "xã Hát Môn, thành phố Hà Nội"),
    ("xã Phước Long Thọ", "xã Đất Đỏ, thành phố Hồ Chí Minh"),
]


@pytest.mark.parametrize(("said", "today"), ONE)
def test_one_place_is_found(said: str, today: str) -> None:
    found = places.find(said)
    assert (found.decision, found.exact, units(found)) == ("one", True, today)


SEVERAL = [
    ("tam hiep", 7),
    ("xã Tam Hiệp", 5),
    ("Tam Hiệp, Hà Nội", 2),
    ("Phường 12", 13),
    ("Quang Trung", 34),
    ("quang trung, thai binh", 3),
    ("Châu Thành", 5),
    ("xã hoà bình", 18),
    ("nga thanh nga son", 2),
]


@pytest.mark.parametrize(("said", "count"), SEVERAL)
def test_a_name_that_several_bear_is_asked_back(said: str, count: int) -> None:
    found = places.find(said)
    assert (found.decision, found.exact, len(found.places), found.units) == ("several", True, count, ())


def test_everything_called_tam_hiep_counts_eight() -> None:
    named = gazetteer.table().named("tamhiep")
    assert Counter((name.older, name.place.today) for name in named) == {(False, False): 6, (True, False): 1, (False, True): 1}


TYPOS = [
    ("xã tamm hiep, phuc tho", "Tam Hiệp", "huyện Phúc Thọ"),
    ("tam hipe phuc tho", "Tam Hiệp", "huyện Phúc Thọ"),
    ("tam hiep biem hoa", "Tam Hiệp", "thành phố Biên Hòa"),
    ("tann thanh ham yen", "Tân Thành", "huyện Hàm Yên"),
    ("phường bến ngé quận 1", "Bến Nghé", "quận 1"),
]


@pytest.mark.parametrize(("said", "name", "district"), TYPOS)
def test_a_misspelt_place_is_offered_and_never_taken_for_sure(said: str, name: str, district: str) -> None:
    found = places.find(said)
    assert (name, district) in [(place.name, place.district) for place in found.places]
    assert len(found.places) <= 2
    assert not found.exact


NONE = ["asdf qwer", "làm giấy khai sinh cho con", "đăng ký tạm trú", "khai sinh", "kinh doanh", "tôi muốn sinh con", "12", "xã 12", "🙂", "xa la gi"]


@pytest.mark.parametrize("said", NONE)
def test_what_names_no_place_finds_none(said: str) -> None:
    assert places.find(said).decision == "none"


@pytest.mark.parametrize("said", ["xã cũ của tôi nay thuộc xã phường nào", "phuong cu nay thuoc dau", ""])
def test_a_question_without_a_name_is_understood_as_such(said: str) -> None:
    assert places.find(said) == places.Found("none", exact=True)


AREAS = [
    ("huyện Phúc Thọ", [Area("huyện Phúc Thọ", HA_NOI)], 3),
    ("quận 1", [Area("quận 1", HO_CHI_MINH)], 4),
    ("quan 9", [Area("thành phố Thủ Đức", HO_CHI_MINH)], 12),
    ("Ninh Kiều", [Area("quận Ninh Kiều", "thành phố Cần Thơ")], 4),
    ("Hà Nội", [Area("", HA_NOI)], 126),
    ("tỉnh Bắc Giang", [Area("", "tỉnh Bắc Giang")], 58),
    ("Bắc Giang", [Area("", "tỉnh Bắc Giang"), Area("thành phố Bắc Giang", "tỉnh Bắc Giang")], 0),
    ("tx Sơn Tây, Hà Nội", [Area("thị xã Sơn Tây", HA_NOI)], 4),
]


@pytest.mark.parametrize(("said", "areas", "count"), AREAS)
def test_a_district_or_province_alone_is_known_as_one(said: str, areas: list[Area], count: int) -> None:
    found = places.find(said)
    assert (found.decision, list(found.areas), len(found.units)) == ("area", areas, count)


def test_a_name_gone_before_is_found_by_what_it_went_into() -> None:
    found = places.find("Nghĩa Hương, Quốc Oai")
    assert (found.older, found.places[0].name, units(found)) == (("09928",), "Liệp Nghĩa", "xã Kiều Phú, thành phố Hà Nội")


def test_a_name_of_today_is_told_from_a_former_one() -> None:
    assert places.find("phường Sài Gòn").places[0].today
    assert not places.find("xã Hát Môn").places[0].today
    assert not any(place.today for place in places.find("phường Sài Gòn cũ").places)


def test_a_unit_of_today_knows_what_it_is_made_of() -> None:
    unit = places.find("phường Sài Gòn").units[0]
    assert {place.name for place in places.made_of(unit)} == {"Bến Nghé", "Đa Kao", "Nguyễn Thái Bình"}


def test_a_code_leads_to_its_place_and_a_wrong_one_to_none() -> None:
    saigon = places.find("phường Sài Gòn").places[0]
    assert places.place(saigon.code) == saigon
    assert [places.place(code) for code in ("", "N", "N1", "N99999", "99999", "N01")] == [None] * 6


def full(place: Place) -> str:
    return ", ".join(filter(None, (f"{place.kind} {place.name}", place.district, place.province)))


def test_every_former_commune_is_found_by_its_full_name() -> None:
    wrong = [full(place) for place in former() if (found := places.find(full(place))).decision != "one" or set(found.units) != set(place.units)]
    assert wrong == []


def test_without_marks_a_full_name_finds_its_own_units_or_asks_back() -> None:
    for place in former()[::7]:
        found = places.find(fold(full(place)))
        assert found.decision in ("one", "several")
        assert place in found.places
        assert found.decision == "several" or set(found.units) == set(place.units)


@given(st.text(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer(text: str) -> None:
    assert places.find(text).decision in ("one", "several", "area", "none")


_MIX = "xã phường thị trấn tp q 1 12 tân thanh hòa bình quang trung phú mỹ cũ nay , . hà nội tamm hiepp châu"
_WORDS = st.sampled_from(_MIX.split())


@given(st.lists(_WORDS, max_size=60).map(" ".join))
@settings(max_examples=100, deadline=None)
def test_a_mix_of_names_is_read_in_bounded_time(text: str) -> None:
    places.find("tân thành")
    began = time.process_time()
    found = places.find(text)
    assert time.process_time() - began < 0.25
    assert (found.decision == "one") == bool(found.places and found.units)
