"""Settings come from the environment or .env; a mistake is one line, and a secret is never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bot import errors, settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the .env nor the environment of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MOTCUA_")]:
        monkeypatch.delenv(name)


def test_without_anything_set_it_runs_on_this_machine() -> None:
    read = settings.read()
    assert read.database == "sqlite:///var/motcua.db"
    assert read.address == "http://127.0.0.1:8080"
    assert (read.overlays, read.keep_days, read.telegram_mode) == ((), 90, "polling")


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOTCUA_PORT=9000\nMOTCUA_KEEP_DAYS=30\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("MOTCUA_PORT", "9001")
    read = settings.read()
    assert (read.port, read.keep_days) == (9001, 30)


def test_several_values_stand_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.yaml").touch()
    monkeypatch.setenv("MOTCUA_OVERLAYS", f"{tmp_path / 'a'}, {tmp_path / 'b.yaml'},")
    monkeypatch.setenv("MOTCUA_EMBED_ORIGINS", "https://a.vn,https://b.vn")
    read = settings.read()
    assert read.overlays == (tmp_path / "a", tmp_path / "b.yaml")
    assert read.embed_origins == ("https://a.vn", "https://b.vn")


def test_the_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_BASE_URL", "https://motcua.example/")
    assert settings.read().address == "https://motcua.example"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MOTCUA_PORT", "abc", "valid integer"),
        ("MOTCUA_PORT", "70000", "less than or equal to 65535"),
        ("MOTCUA_KEEP_DAYS", "0", "greater than or equal to 1"),
        ("MOTCUA_TELEGRAM_RATE", "0", "greater than 0"),
        ("MOTCUA_TELEGRAM_MODE", "both", "'polling' or 'webhook'"),
        ("MOTCUA_LOG_FORMAT", "xml", "'console' or 'json'"),
        ("MOTCUA_DATABASE_URL", "mysql://x", "wants sqlite:///path or postgresql://"),
        ("MOTCUA_DATABASE_URL", "motcua.db", "wants sqlite:///path or postgresql://"),
        ("MOTCUA_OVERLAYS", "/no/such/folder", "/no/such/folder does not exist"),
        ("MOTCUA_SECURE_COOKIES", "vâng", "valid boolean"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(errors.SettingsInvalid) as caught:
        settings.read()
    assert str(caught.value).startswith(f"{name}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_mistakes_are_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_PORT", "x")
    monkeypatch.setenv("MOTCUA_KEEP_DAYS", "x")
    with pytest.raises(errors.SettingsInvalid) as caught:
        settings.read()
    assert len(str(caught.value).splitlines()) == 2


def test_a_secret_stands_in_no_error_and_no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_TELEGRAM_TOKEN", "123456:hush-hush")
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "hush-hush")
    assert "hush" not in repr(settings.read())
    monkeypatch.setenv("MOTCUA_PORT", "x")
    with pytest.raises(errors.SettingsInvalid) as caught:
        settings.read()
    assert "hush" not in str(caught.value)


def test_the_signing_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    read = settings.Settings(data_dir=tmp_path / "data")
    made = settings.secret(read)
    assert len(made) >= 32
    assert settings.secret(read) == made
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_a_signing_key_that_is_set_is_taken_and_none_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "mine")
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(tmp_path / "data"))
    assert settings.secret(settings.read()) == "mine"
    assert not (tmp_path / "data").exists()
