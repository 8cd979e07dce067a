"""Derive units.csv, former.csv, areas.csv and source.yaml from the data files of the package vietnamadminunits (MIT). Once, by hand:

    python -m venv /tmp/units && /tmp/units/bin/pip install --no-deps vietnamadminunits
    .venv/bin/python -m bot.domain.data.derive_places /tmp/units/lib/python3*/site-packages/vietnamadminunits

None of the package's code runs, and it is no dependency of the project.

Version 1.0.4 holds 34 provinces and 3,321 communes of today (2,621 xã, 687 phường, 13 đặc khu) and 10,035 former communes in 63
provinces and 696 districts, of which 471 were split: all as stated officially (440 to 471 split ones, depending on who counts).
Where it differs, or is wrong:
- its column of kinds contradicts the full name 7 times (Phường Việt Hòa as Xã); the full name counts, and the sums stay right;
- five former island districts had no communes; they stand among the former ones with kind huyện, which makes 10,040 rows;
- 1,646 names that were gone before July 2025 are known only without marks and spaces, and so stand in the column `older`;
- "Tam Hiệp" gives 8 only when everything is counted: six former communes, an older one, and one of today.
Of a split commune the part that the package takes by default comes first.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain import gazetteer

VERSIONS = {"1.0.4": "2025-08-23"}  # when the data files in the wheel were last changed
COMMUNE_KINDS = ("xã", "phường", "thị trấn", "đặc khu")
AREA_KINDS = ("thành phố", "tỉnh", "quận", "huyện", "thị xã")
_OLDER = re.compile(r"^(phuong|thitran|xa)0*(.+)$")
_OLDER_AREA = re.compile(r"^(?:huyen|thixa|tx|thanhpho|tp)?(?=\D{3})([a-z]+)$|^(quan)0?([1-9])$")
# What people call them besides; keys as in gazetteer.key.
_ALSO = {
    "hochiminh": "tphcm tpsg sg saigon tphochiminh",
    "bariavungtau": "brvt",
    "hue": "thuathienhue tthue",
    "daklak": "daclac daklac daclak",
    "daknong": "dacnong",
    "buonmathuot": "buonmethuot bmt",
    "phanrangthapcham": "phanrang thapcham",
}

Row = Mapping[str, Any]
Parts = Mapping[str, Sequence[str]]


def main(package: Path) -> None:
    """Write the four files beside this script and say what they hold."""
    version = next(package.parent.glob("vietnamadminunits-*.dist-info")).name.removesuffix(".dist-info").split("-")[1]
    data = package / "data"
    today, before = _rows(data, "admin_units"), _rows(data, "admin_units_legacy")
    units, former = list(_units(today)), list(_former(before, _parts(data, today)))
    _write("units.csv", ["code", "kind", "name", "province", "key"], units)
    _write("former.csv", ["code", "kind", "name", "district", "province", "units", "key", "older"], former)
    _write("areas.csv", ["district", "province", "keys"], dict.fromkeys(_areas(before)))
    source = f"package: vietnamadminunits\nversion: {version}\nlicence: MIT\nas_of: {VERSIONS[version]}\n"
    (gazetteer.FOLDER / "source.yaml").write_text(source, encoding="utf-8")
    split, older = sum(" " in row[5] for row in former), sum(len(row[7].split()) for row in former)
    sys.stdout.write(f"today {dict(Counter(row[1] for row in units))}\n")
    sys.stdout.write(f"former {dict(Counter(row[1] for row in former))}, split {split}, older names {older}\n")


def _rows(data: Path, table: str) -> list[Row]:
    connection = sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows: list[Row] = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    connection.close()
    return rows


def _parts(data: Path, today: Iterable[Row]) -> Parts:
    """The codes of today's units by the key of the former commune."""
    codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in today}
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    whole = {
        key: [codes[province, unit]]
        for province, units in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for unit, keys in units.items()
        for key in keys
    }
    split = {
        key: [codes[province, part["newWardKey"]] for part in sorted(parts, key=lambda part: not part["isDefaultNewWard"])]
        for province, keys in converter["DICT_PROVINCE_WARD_DIVIDED"].items()
        for key, parts in keys.items()
    }
    return whole | split


def _units(today: Iterable[Row]) -> Iterable[Sequence[str]]:
    """Provinces with two digits first, then communes with five and the code of their province."""
    provinces = {row["provinceCode"]: row["province"] for row in today}
    for code, full in sorted(provinces.items()):
        yield code, *_cut(full, AREA_KINDS), "", gazetteer.key(full)
    for row in sorted(today, key=lambda row: row["wardCode"]):
        kind, name = _cut(row["ward"], COMMUNE_KINDS)
        yield row["wardCode"], kind, name, row["provinceCode"], gazetteer.commune_key(kind, name)


def _former(before: Iterable[Row], parts: Parts) -> Iterable[Sequence[str]]:
    for row in sorted(before, key=lambda row: (row["provinceCode"], row["districtCode"], row["wardCode"] or "")):
        units = " ".join(parts[f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"])
        district, province = _area(row["district"]), _area(row["province"])
        if row["ward"] is None:
            kind, name = _cut(row["district"], AREA_KINDS)
            yield row["districtCode"], kind, name, "", province, units, gazetteer.key(name), ""
        else:
            kind, name = _cut(row["ward"], COMMUNE_KINDS)
            key = gazetteer.commune_key(kind, name)
            yield row["wardCode"], kind, name, district, province, units, key, _older(json.loads(row["wardAlias"] or "[]"))


def _older(aliases: Iterable[str]) -> str:
    """xa/nghiahuong phuong/phuong2. Aliases without a kind are the same names again, and short forms."""
    found = [match for alias in aliases if (match := _OLDER.match(alias))]
    return " ".join(dict.fromkeys(f"{match[1]}/{match[1] if match[2].isdecimal() else ''}{match[2]}" for match in found))


def _areas(before: Iterable[Row]) -> Iterable[Sequence[str]]:
    """Districts, and provinces with an empty district, with all keys they go by."""
    for row in before:
        province = _area(row["province"])
        yield "", province, _area_keys(row["province"], row["provinceAlias"])
        yield _area(row["district"]), province, _area_keys(row["district"], row["districtAlias"])


def _area_keys(full: str, aliases: str | None) -> str:
    own = gazetteer.commune_key(*_cut(full, AREA_KINDS))
    older = [match[1] or f"{match[2]}{match[3]}" for alias in json.loads(aliases or "[]") if (match := _OLDER_AREA.match(alias))]
    short = ["hn"] if own == "hanoi" else []
    return " ".join(dict.fromkeys([own, *_ALSO.get(own, "").split(), *short, *older]))


def _area(full: str) -> str:
    return " ".join(_cut(full, AREA_KINDS))


def _cut(full: str, kinds: Sequence[str]) -> tuple[str, str]:
    """Huyện Thanh Trì: huyện, Thanh Trì. Also where the package writes Thị Xã, or Đại áng."""
    kind = next(kind for kind in kinds if full.lower().startswith(f"{kind} "))
    return kind, " ".join(word[0].upper() + word[1:] for word in full[len(kind) + 1 :].split())


def _write(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (gazetteer.FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
