"""`motcua run` with a clock that a test turns: `python -m tests.acceptance.day_service CLOCK`, settings from the environment."""

from __future__ import annotations

import datetime as dt
import functools
import os
import struct
import sys
import time
from pathlib import Path

from bot import clock, late

MOMENT = struct.Struct("d")  # seconds since 1970, all that stands in the file


class TurnedClock:
    """The time as the file tells it at every look, and less than a second more, so that nothing happens at quite the same moment."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDONLY)
        self._turned = (0.0, 0.0)

    def __call__(self) -> dt.datetime:
        (seconds,) = MOMENT.unpack(os.pread(self._file, MOMENT.size, 0))
        turned, since = self._turned
        if turned != seconds:
            since = time.monotonic()
            self._turned = (seconds, since)
        return dt.datetime.fromtimestamp(seconds + min(0.9, (time.monotonic() - since) / 60), dt.UTC)


def main(file: str) -> None:
    """The clock is put up before any module takes `clock.now` as a default; what the service does every few seconds keeps pace with it."""
    vars(clock)["now"] = TurnedClock(Path(file))
    vars(late.load("bot.app"))["DAY_SECONDS"] = 0.2
    vars(late.load("bot.domain.delivery"))["IDLE_SECONDS"] = 0.1
    kiosk = late.load("bot.console.kiosk")
    vars(kiosk)["Tries"] = functools.partial(kiosk.Tries, lambda: clock.now().timestamp())
    late.load("bot.commands.run").run()


if __name__ == "__main__":
    main(sys.argv[1])
