"""The center this installation serves: address, phone and hours as citizens read them."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot import errors

SAMPLE_FILE = Path(__file__).parent / "sample_center.yaml"


class Center(BaseModel):
    """One center. A sample is labelled as such wherever its name stands. `police`, `military`: where those offices sit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    place: str
    address: str
    hours: str
    phone: str = ""
    police: str = ""
    military: str = ""
    sample: bool = False


def read(file: Path | None) -> Center:
    """The center described in `file`, or the sample one. Raises SettingsInvalid with the reason."""
    source = file or SAMPLE_FILE
    try:
        return Center.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise errors.SettingsInvalid(f"MOTCUA_CENTER_FILE {source}: cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = [f"MOTCUA_CENTER_FILE {source}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise errors.SettingsInvalid("\n".join(lines)) from None
