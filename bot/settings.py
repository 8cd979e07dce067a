"""Settings: environment variables MOTCUA_… or `.env`, read once in a command and handed down as values."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import errors
from procedures import loader


def _user_cache() -> Path:
    """Where a proven catalog and its index are kept between starts: shared by every installation of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "motcua"


class Settings(BaseSettings):
    """Every setting has a default with which `make run` works on one machine. `.env.example` explains them to an operator."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_", env_file=".env", env_file_encoding="utf-8", extra="ignore")

    data_dir: Path = Path("var")
    cache_dir: Path = Field(default_factory=_user_cache)
    database_url: str = ""
    overlays: Annotated[tuple[Path, ...], NoDecode] = ()
    center_file: Path | None = None

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    base_url: str = ""
    secret_key: SecretStr = SecretStr("")
    secure_cookies: bool = False
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()

    telegram_token: SecretStr = SecretStr("")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_api: str = "https://api.telegram.org"
    telegram_rate: Annotated[float, Field(gt=0, le=1000)] = 29.5

    # Zalo Official Account; `zalo_signed_with` and the rest of the doubtful points: CHANNELS chapter of the README
    zalo_app_id: str = ""
    zalo_app_secret: SecretStr = SecretStr("")
    zalo_oa_secret: SecretStr = SecretStr("")
    zalo_signed_with: Literal["oa", "app"] = "oa"
    zalo_refresh_token: SecretStr = SecretStr("")
    zalo_api: str = "https://openapi.zalo.me"
    zalo_oauth: str = "https://oauth.zaloapp.com"
    zalo_rate: Annotated[int, Field(gt=0, le=10_000)] = 100
    zalo_buttons: bool = False
    zalo_groups: bool = False
    zalo_paid_window: bool = False
    zalo_template: str = ""
    zalo_template_field: str = "noi_dung"

    zalo_bot_token: SecretStr = SecretStr("")
    zalo_bot_mode: Literal["polling", "webhook"] = "polling"
    zalo_bot_webhook_secret: SecretStr = SecretStr("")
    zalo_bot_api: str = "https://bot-api.zaloplatforms.com"

    keep_days: Annotated[int, Field(ge=1)] = 90
    log_format: Literal["console", "json"] = "console"

    @field_validator("overlays", "embed_origins", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("overlays")
    @classmethod
    def _there(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        named = tuple(map(loader.shipped, value))
        for path in named:
            if not path.exists():
                raise ValueError(f"{path} does not exist")
        return named

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("wants sqlite:///path or postgresql://user:password@host/name")
        return value

    @model_validator(mode="after")
    def _with_import(self) -> Self:
        """What `motcua catalog import` left in the data folder belongs to the catalog of this installation."""
        if self.imported.is_dir() and self.imported not in self.overlays:
            self.overlays = (*self.overlays, self.imported)
        return self

    @property
    def imported(self) -> Path:
        """Where `motcua catalog import` lays an official list; used as an overlay as soon as it is there."""
        return self.data_dir / "overlay-imported"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'motcua.db'}"

    @property
    def address(self) -> str:
        """Where citizens reach the web pages; links and QR codes start with it."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def read() -> Settings:
    """The settings of this process. Raises SettingsInvalid with one line a mistake; secrets are never shown."""
    try:
        return Settings()
    except ValidationError as error:
        found = [("_".join(map(str, item["loc"])).upper(), item["msg"]) for item in error.errors(include_input=False)]
        lines = [f"MOTCUA_{name}: {said.removeprefix('Value error, ')}" for name, said in found]
        raise errors.SettingsInvalid("\n".join(lines)) from None


def secret(settings: Settings) -> str:
    """The key cookies are signed with: the one set, else one made once and kept in the data folder."""
    if settings.secret_key.get_secret_value():
        return settings.secret_key.get_secret_value()
    file = settings.data_dir / "secret.key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_urlsafe(32), encoding="ascii")
    try:
        os.link(made, file)  # whole or not at all, and never over another process's key
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return file.read_text(encoding="ascii").strip()
