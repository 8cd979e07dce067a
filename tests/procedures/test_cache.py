"""A kept copy of the catalog saves time and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from procedures import cache, loader
from procedures.catalog import Catalog
from procedures.errors import CatalogError
from tests.conftest import TINY
from tests.procedures.small import CODE, ENTRY, ROW, Folder, table


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "catalog")
    made.write("listed.csv", table(ROW))
    made.write("words/abbreviations.yaml", "gks: giấy khai sinh\n")
    return made


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def only_file(kept: Path) -> Path:
    [file] = kept.iterdir()
    return file


def same(one: Catalog, other: Catalog) -> bool:
    names = ("version", "procedures", "fields", "life_events", "ambiguous", "nothing", "concepts", "abbreviations", "old_codes")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def test_a_kept_copy_equals_the_catalog_it_was_made_from(kept: Path) -> None:
    fresh = loader.load(TINY, cache_dir=kept)
    copy = cache.read(kept, fresh.version)
    assert copy is not None
    assert same(copy, fresh)
    assert fresh.life_events
    assert fresh.ambiguous


def test_the_kept_copy_is_what_is_used(folder: Folder, kept: Path) -> None:
    loader.load(folder.root, cache_dir=kept)
    file = only_file(kept)
    file.write_text(file.read_text(encoding="utf-8").replace("Thủ tục thử", "Bản đã giữ"), encoding="utf-8")
    assert loader.load(folder.root, cache_dir=kept).procedures[CODE].name == "Bản đã giữ"
    assert loader.load(folder.root).procedures[CODE].name == "Thủ tục thử"


def test_without_a_folder_nothing_is_kept(folder: Folder, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    loader.load(folder.root)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", [f"ho-tich/{CODE}.yaml", "fields.yaml", "listed.csv", "words/abbreviations.yaml"])
def test_one_changed_byte_in_any_file_is_another_version(folder: Folder, name: str) -> None:
    before = cache.version([folder.root])
    text = (folder.root / name).read_bytes()
    (folder.root / name).write_bytes(text[:-2] + b"\n" + text[-1:])
    assert cache.version([folder.root]) != before
    (folder.root / name).write_bytes(text)
    assert cache.version([folder.root]) == before


def test_a_new_a_removed_and_a_renamed_file_are_another_version(folder: Folder) -> None:
    versions = [cache.version([folder.root])]
    added = folder.write("ho-tich/1.000003.yaml", ENTRY.replace(CODE, "1.000003"))
    versions.append(cache.version([folder.root]))
    added = added.rename(added.with_name("1.000004.yaml"))
    versions.append(cache.version([folder.root]))
    assert len(set(versions)) == 3
    added.unlink()
    assert cache.version([folder.root]) == versions[0]


def test_files_that_are_no_part_of_the_catalog_do_not_count(folder: Folder) -> None:
    before = cache.version([folder.root])
    folder.write("README.md", "x")
    folder.write("ho-tich/.1.000001.yaml.swp", "x")
    assert cache.version([folder.root]) == before


def test_the_version_does_not_depend_on_where_the_catalog_lies(folder: Folder, tmp_path: Path) -> None:
    before = cache.version([folder.root])
    assert cache.version([folder.root.rename(tmp_path / "moved")]) == before


def test_a_changed_catalog_is_read_anew(folder: Folder, kept: Path) -> None:
    loader.load(folder.root, cache_dir=kept)
    folder.change("Thủ tục thử", "Tên mới")
    assert loader.load(folder.root, cache_dir=kept).procedures[CODE].name == "Tên mới"


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff\xfe", b'{"version": 1', "half", "older"])
def test_a_damaged_copy_only_costs_time(folder: Folder, kept: Path, damage: bytes | str) -> None:
    fresh = loader.load(folder.root, cache_dir=kept)
    file = only_file(kept)
    whole = file.read_bytes()
    damaged = {"half": whole[: len(whole) // 2], "older": whole.replace(b'"also"', b'"phrases"')}
    file.write_bytes(damage if isinstance(damage, bytes) else damaged[damage])
    assert same(loader.load(folder.root, cache_dir=kept), fresh)
    assert file.read_bytes() == whole, "the damaged copy was not made anew"


def test_a_folder_in_place_of_the_copy_only_costs_time(folder: Folder, kept: Path) -> None:
    fresh = loader.load(folder.root)
    (kept / f"catalog-{fresh.version}.json").mkdir(parents=True)
    assert same(loader.load(folder.root, cache_dir=kept), fresh)


def test_a_file_in_place_of_the_folder_only_costs_time(folder: Folder, kept: Path) -> None:
    kept.write_text("x", encoding="utf-8")
    assert same(loader.load(folder.root, cache_dir=kept), loader.load(folder.root))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody, not even root, can write")
def test_a_folder_that_cannot_be_written_only_costs_time(folder: Folder) -> None:
    assert same(loader.load(folder.root, cache_dir=Path("/proc/self/kept")), loader.load(folder.root))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_only_costs_time(folder: Folder, kept: Path) -> None:
    kept.mkdir(mode=0o500)
    assert same(loader.load(folder.root, cache_dir=kept), loader.load(folder.root))


def test_nothing_half_written_is_left_beside_the_copy(folder: Folder, kept: Path) -> None:
    fresh = loader.load(folder.root, cache_dir=kept)
    assert [file.name for file in kept.iterdir()] == [f"catalog-{fresh.version}.json"]


def test_a_catalog_with_problems_is_not_kept(folder: Folder, kept: Path) -> None:
    folder.change("fees: [{amount: 5000}]", "fees: []")
    with pytest.raises(CatalogError):
        loader.load(folder.root, cache_dir=kept)
    assert not kept.exists()


def test_the_version_of_an_entry_follows_what_a_citizen_is_told(folder: Folder) -> None:
    entry = loader.load(folder.root).procedures[CODE]
    assert entry.version == cache.entry_version(entry)
    assert cache.entry_version(entry.model_copy(update={"also": ("câu khác",)})) == entry.version
    assert cache.entry_version(entry.model_copy(update={"name": "Tên khác"})) != entry.version
    assert cache.entry_version(entry.model_copy(update={"documents": entry.documents[:1]})) != entry.version
