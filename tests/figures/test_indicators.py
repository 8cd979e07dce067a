"""What counters mean: shares and means with their intervals, held back where there are too few."""

from __future__ import annotations

import pytest

from bot.db.figures import FIGURE
from bot.db.sums import COUNTERS, NOTHING, Sums
from bot.domain import indicators
from bot.domain.indicators import Mean, Share


def test_every_counter_has_its_column() -> None:
    assert set(COUNTERS) == {column.name for column in FIGURE.columns if not column.primary_key}


def test_sums_add_up_counter_by_counter() -> None:
    assert Sums(visits=1, low=2) + Sums(visits=3, ready=1) == Sums(visits=4, low=2, ready=1)
    assert NOTHING + Sums(asked=1) == Sums(asked=1)


@pytest.mark.parametrize(
    ("part", "whole", "percent", "interval"),
    [
        (152, 158, 96.2, (91.96, 98.25)),  # as in Wilson (1927)
        (0, 10, 0.0, (0.0, 27.75)),
        (10, 10, 100.0, (72.25, 100.0)),
        (5, 10, 50.0, (23.66, 76.34)),
    ],
)
def test_a_share_has_two_decimals_and_an_interval(part: int, whole: int, percent: float, interval: tuple[float, float]) -> None:
    share = Share(part, whole)
    assert share.percent == percent
    assert share.interval == pytest.approx(interval, abs=0.005)


@pytest.mark.parametrize("figure", [Share(4, 4), Share(0, 0), Mean(4, 20, 100), Mean(0, 0, 0)])
def test_fewer_than_five_are_held_back(figure: Share | Mean) -> None:
    assert not figure.enough
    assert indicators.shown(figure) is None
    assert figure.interval is None


def test_of_nothing_there_is_no_number() -> None:
    assert (Share(0, 0).value, Mean(0, 0).value) == (None, None)


def test_a_mean_has_an_interval_where_its_spread_is_known() -> None:
    levels = [5, 4, 4, 3, 5, 1]
    mean = Mean(len(levels), sum(levels), sum(level * level for level in levels))
    assert mean.shown == pytest.approx(22 / 6)
    assert mean.interval == pytest.approx((2.462, 4.871), abs=0.001)  # 1.96 · s / √n, s = 1.50555
    assert Mean(6, 60).interval is None
    assert Mean(6, 18, 54).interval == (3.0, 3.0)


def test_satisfaction_is_the_mean_of_all_levels_given() -> None:
    sums = Sums(access_n=3, access_sum=15, access_squares=75, staff_n=3, staff_sum=6, staff_squares=12)
    assert indicators.satisfaction(sums) == Mean(6, 21, 87, people=3)
    assert indicators.factor(sums, "staff") == Mean(3, 6, 12)


def test_a_dossier_is_on_time_when_it_was_not_late() -> None:
    assert indicators.on_time(Sums(ready=158, ready_late=6)) == Share(152, 158)


def test_who_was_not_asked_is_not_in_the_response_rate() -> None:
    assert indicators.response(Sums(asked=400, answered=84, ratings=90)) == Share(84, 400)


def test_the_median_of_centers_leaves_out_those_with_too_few() -> None:
    centers = {name: Sums(firsts=whole, first_complete=part) for name, part, whole in (("a", 5, 10), ("b", 9, 10), ("c", 8, 10), ("d", 0, 4))}
    assert indicators.median_of_centers(centers, indicators.completeness) == 80.0
    assert indicators.median_of_centers({**centers, "e": Sums(firsts=10)}, indicators.completeness) == 65.0
    del centers["a"]
    assert indicators.median_of_centers(centers, indicators.completeness) is None, "of two it would tell each the other's figure"
