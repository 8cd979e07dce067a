"""Runs `motcua …` as an operator or a script would: in a process of its own, with an end to its patience."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SECONDS = 90


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Shell:
    """`folder` holds the database; the environment of whoever runs the tests is left out."""

    folder: Path

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
        return {**kept, "PYTHONPATH": str(ROOT), "MOTCUA_DATA_DIR": str(self.folder / "var"), **settings}

    def run(self, *words: str, given: bytes | str = b"", **settings: str) -> Done:
        typed = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words], input=typed, capture_output=True, timeout=SECONDS, cwd=self.folder,
            env=self.environment(**settings), check=False,
        )  # fmt: skip
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err, err
        return Done(done.returncode, out, err)

    def refused(self, *words: str, given: bytes | str = b"", **settings: str) -> str:
        """The one line on stderr of a command that ends with 1."""
        done = self.run(*words, given=given, **settings)
        assert done.code == 1, done
        (line,) = done.err.splitlines()
        assert line.startswith("motcua: "), line
        return line.removeprefix("motcua: ")
