"""What becomes of a message after each failure."""

from __future__ import annotations

import pytest

from bot import errors
from bot.domain.fates import BACKOFF, Fate, after_failure
from bot.messages import OutgoingKind
from tests.domain.outgoing import later
from tests.fakes import NOON

NEVER: list[Exception] = [errors.RecipientGone("blocked"), errors.Refused("too long")]
AGAIN: list[Exception] = [errors.TryLater("busy"), errors.EditImpossible("gone"), errors.OutcomeUnknown("timeout"), ValueError("bug")]
DOUBTFUL: list[Exception] = [errors.OutcomeUnknown("timeout"), ValueError("bug")]
KINDS: list[OutgoingKind] = ["reply", "ticket", "reminder", "notice"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 3, 50])
@pytest.mark.parametrize("error", NEVER)
def test_what_the_provider_never_takes_is_refused_at_once(error: Exception, attempts: int, kind: OutgoingKind) -> None:
    fate = after_failure(error, kind, attempts, now=NOON)
    assert fate == Fate("refused", str(error), recipient_gone=isinstance(error, errors.RecipientGone))


@pytest.mark.parametrize("kind", ["reply", "ticket", "reminder"])
@pytest.mark.parametrize("error", AGAIN)
def test_other_failures_are_tried_again_ever_later_until_given_up(error: Exception, kind: OutgoingKind) -> None:
    fates = [after_failure(error, kind, attempts, now=NOON) for attempts in range(1, len(BACKOFF) + 2)]
    assert fates[:-1] == [Fate("retry", str(error), later(seconds)) for seconds in BACKOFF]
    assert fates[-1].state == "refused"
    assert str(error) in fates[-1].reason


@pytest.mark.parametrize("attempts", [1, 8, 50])
@pytest.mark.parametrize("error", DOUBTFUL)
def test_a_notice_that_may_have_arrived_is_never_sent_again_by_the_machine(error: Exception, attempts: int) -> None:
    assert after_failure(error, "notice", attempts, now=NOON) == Fate("unknown", str(error))


@pytest.mark.parametrize("error", [errors.TryLater("busy"), errors.EditImpossible("gone")])
def test_a_notice_that_surely_did_not_arrive_is_tried_again(error: Exception) -> None:
    assert after_failure(error, "notice", 1, now=NOON) == Fate("retry", str(error), later(BACKOFF[0]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 50])
@pytest.mark.parametrize("whole", [True, False])
def test_a_time_named_by_the_provider_is_kept_to_however_often(attempts: int, kind: OutgoingKind, whole: bool) -> None:
    error = errors.TryLater("429", 37, whole_sender=whole)
    assert after_failure(error, kind, attempts, now=NOON) == Fate("retry", "429", later(37), pause=whole)


@pytest.mark.parametrize(("named", "kept"), [(0, 1), (-5, 1), (0.2, 1), (1e12, 86_400)])
def test_a_senseless_time_is_brought_to_a_sensible_one(named: float, kept: float) -> None:
    assert after_failure(errors.TryLater("429", named), "reply", 1, now=NOON).not_before == later(kept)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 50])
def test_a_wrong_token_pauses_the_bot_and_loses_nothing(attempts: int, kind: OutgoingKind) -> None:
    fate = after_failure(errors.ChannelMisconfigured("token"), kind, attempts, now=NOON)
    assert (fate.state, fate.pause) == ("retry", True)


def test_a_moved_chat_is_followed_but_not_in_circles_for_ever() -> None:
    error = errors.RecipientMoved("new")
    assert after_failure(error, "reply", 1, now=NOON) == Fate("retry", str(error), moved_to="new")
    assert after_failure(error, "reply", len(BACKOFF) + 1, now=NOON).state == "refused"
