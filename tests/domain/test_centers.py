"""The center's own file is read, and a mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import errors
from bot.domain import centers

GOOD = "name: Trung tâm A\nplace: xã A\naddress: Số 1\nhours: Thứ Hai, 7:30\n"


def test_without_a_file_it_is_the_sample_and_says_so() -> None:
    center = centers.read(None)
    assert center.sample
    assert "mẫu" in center.name


def test_a_center_of_ones_own_is_no_sample(tmp_path: Path) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(GOOD, encoding="utf-8")
    center = centers.read(file)
    assert (center.name, center.phone, center.sample) == ("Trung tâm A", "", False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("address: Số 1\n", ""), "address: Field required"),
        (GOOD + "adress: Số 2\n", "adress: Extra inputs"),
        (GOOD.replace("Số 1", "[1]"), "address: Input should be a valid string"),
        ("- a list", "valid dictionary"),
        ("", "valid dictionary"),
        ("name: [", "cannot be read"),
        ("name: {a: b", "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_field(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(errors.SettingsInvalid) as caught:
        centers.read(file)
    assert str(caught.value).startswith(f"MOTCUA_CENTER_FILE {file}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for bad in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(errors.SettingsInvalid, match="cannot be read"):
            centers.read(bad)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Trung tâm".encode("utf-16"))
    with pytest.raises(errors.SettingsInvalid, match="cannot be read"):
        centers.read(latin)
