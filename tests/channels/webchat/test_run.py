"""What `motcua run` says at the start."""

from __future__ import annotations

import dataclasses

from bot.app import App
from bot.commands import run
from bot.domain import centers


def test_a_sample_center_is_called_one(app: App) -> None:
    said = run.announcement(app)
    assert "SAMPLE" in said
    assert f"{app.settings.address}/thu-tuc" in said


def test_a_real_center_is_not(app: App) -> None:
    center = app.premises.center.model_copy(update={"sample": False, "name": "Trung tâm xã Lúa Vàng"})
    app.premises = dataclasses.replace(app.premises, directory=centers.Directory([center]))
    said = run.announcement(app)
    assert said.startswith("Trung tâm xã Lúa Vàng")
    assert "SAMPLE" not in said
