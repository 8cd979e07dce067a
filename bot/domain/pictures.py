"""Takes out of a photograph what the camera wrote beside it: where and when it was taken, and with what."""

from __future__ import annotations

import asyncio
import io

from bot import errors, late

MARK = b"Exif\x00\x00"
LOOKED_THROUGH = 2**16  # a JPEG says it at its beginning
QUALITY = 90


async def bare(content: bytes) -> bytes:
    """The same picture, upright; whatever carries nothing of the kind comes back as it is. Raises AttachmentRefused for a broken one."""
    if not content.startswith(b"\xff\xd8") or MARK not in content[:LOOKED_THROUGH]:
        return content
    return await asyncio.to_thread(_drawn_anew, content)


def _drawn_anew(content: bytes) -> bytes:
    image, operations = late.load("PIL.Image"), late.load("PIL.ImageOps")
    made = io.BytesIO()
    try:
        with image.open(io.BytesIO(content), formats=("JPEG",)) as found:
            upright = operations.exif_transpose(found)
            upright.info.clear()
            upright.convert("RGB").save(made, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        raise errors.AttachmentRefused("kind") from error
    return made.getvalue()
