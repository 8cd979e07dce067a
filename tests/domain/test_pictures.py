"""What leaves a photograph before it is kept."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot import errors
from bot.domain import attachments, pictures

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(**options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "JPEG", **options)
    return made.getvalue()


def taken(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Camera", orientation
    exif[GPS] = {1: "N", 2: (10.0, 57.0, 12.0)}
    return photo(exif=exif, comment=b"nha toi")


async def test_place_and_camera_are_gone_and_it_stands_upright() -> None:
    before = taken()
    assert b"Camera" in before
    after = await pictures.bare(before)
    assert attachments.size(after) == (30, 40)
    with Image.open(io.BytesIO(after)) as image:
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"Camera" not in after


@pytest.mark.parametrize("content", [photo(), b"%PDF-1.4", b"", b"\xff\xd8\xff no picture"])
async def test_what_carries_nothing_stays_as_it_is(content: bytes) -> None:
    assert await pictures.bare(content) is content


async def test_a_broken_one_is_refused() -> None:
    with pytest.raises(errors.AttachmentRefused):
        await pictures.bare(taken()[:200])
