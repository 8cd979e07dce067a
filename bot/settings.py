"""Settings: environment variables MOTCUA_… or `.env`, read once in a command and handed down as values."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import errors


class Settings(BaseSettings):
    """Every setting has a default with which `make run` works on one machine. `.env.example` explains them to an operator."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_", env_file=".env", env_file_encoding="utf-8", extra="ignore")

    data_dir: Path = Path("var")
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

    keep_days: Annotated[int, Field(ge=1)] = 90
    log_format: Literal["console", "json"] = "console"

    @field_validator("overlays", "embed_origins", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'motcua.db'}"

    @property
    def address(self) -> str:
        """Where citizens reach the web pages; links and QR codes start with it."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def cache_dir(self) -> Path:
        return self.data_dir / "cache"


def read() -> Settings:
    """The settings of this process. Raises SettingsInvalid with one line a mistake; secrets are never shown."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"MOTCUA_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors(include_input=False)]
        raise errors.SettingsInvalid("\n".join(lines)) from None


def secret(settings: Settings) -> str:
    """The key cookies are signed with: the one set, else one made once and kept in the data folder."""
    if settings.secret_key.get_secret_value():
        return settings.secret_key.get_secret_value()
    file = settings.data_dir / "secret.key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="ascii") as made:
            file.chmod(0o600)
            made.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return file.read_text(encoding="ascii").strip()
