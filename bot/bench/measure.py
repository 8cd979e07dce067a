"""What every benchmark shares: the shape of its results, percentiles, memory, one core to run on."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Measured:
    """`ratio`: how our figure stands to the baseline of the same name. A string says why there is no number."""

    name: str
    figures: Figures
    baseline: Figures
    ratio: Figures


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The smallest time that at least `share` of them do not exceed, in milliseconds."""
    ordered = sorted(seconds)
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return round(ordered[place] * 1000, 3)


def load_average() -> float:
    """Of the last minute: what else the machine was busy with."""
    return round(os.getloadavg()[0], 2)


def memory_mb() -> float:
    """What this process holds now; where the system does not say, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return round(pages * resource.getpagesize() / 2**20, 1)
    except OSError:
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 1)


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """This thread and those it starts on one core, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
