"""What was counted over a period: every counter of the figures once, added up."""

from __future__ import annotations

from typing import NamedTuple

FACTORS = ("access", "procedures", "staff", "results", "handling")


class Sums(NamedTuple):
    """Counters as domain.contributions defines them; db.figures.Figure has a column of each name."""

    visits: int = 0
    served: int = 0
    cancelled: int = 0
    booked: int = 0
    no_show: int = 0
    walk_in: int = 0
    accepted: int = 0
    papers_missing: int = 0
    done_now: int = 0
    wrong_place: int = 0
    other: int = 0
    not_served: int = 0
    firsts: int = 0
    first_complete: int = 0
    wait_n: int = 0
    wait_minutes: int = 0
    wait_bad: int = 0
    serve_n: int = 0
    serve_minutes: int = 0
    serve_bad: int = 0
    asked: int = 0
    answered: int = 0
    ratings: int = 0
    access_n: int = 0
    access_sum: int = 0
    access_squares: int = 0
    procedures_n: int = 0
    procedures_sum: int = 0
    procedures_squares: int = 0
    staff_n: int = 0
    staff_sum: int = 0
    staff_squares: int = 0
    results_n: int = 0
    results_sum: int = 0
    results_squares: int = 0
    handling_n: int = 0
    handling_sum: int = 0
    handling_squares: int = 0
    low: int = 0
    flagged: int = 0
    over_said: int = 0
    over_ratings: int = 0
    received: int = 0
    second_supplements: int = 0
    paused: int = 0
    ready: int = 0
    ready_late: int = 0
    questions: int = 0
    answered_questions: int = 0
    answer_minutes: int = 0

    def __add__(self, other: object) -> Sums:
        return Sums(*map(int.__add__, self, other)) if isinstance(other, Sums) else NotImplemented


COUNTERS = Sums._fields
NOTHING = Sums()
