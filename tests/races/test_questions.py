"""Staff who take and answer the same question at once, a citizen who closes it at that instant, and one who taps twice."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import questions, staff, threads
from bot.domain.questions import Asker, Question, Topic
from bot.domain.threads import Said
from tests.races.crew import SIZE, Crew, Outcome, deed
from tests.races.hall import CENTER, NOW, Hall

SOON = NOW + dt.timedelta(minutes=1)


def made(hall: Hall) -> Question:
    [wish] = hall.people(1)
    asked = hall.do(questions.ask, CENTER, Asker(person_id=wish.person_id, account_id=wish.account_id), Topic(), now=NOW)
    return asked.question


def staffed(hall: Hall) -> list[int]:
    return [hall.do(staff.create, f"chị {number}", CENTER, "clerk", now=NOW) for number in range(SIZE)]


def now_is(hall: Hall, question: Question) -> Question:
    found = hall.do(questions.get, question.id)
    assert found is not None
    return found


def answer(session: Session, question_id: int, staff_id: int, *, now: dt.datetime) -> bool:
    """What an answer changes: the question's state, and the words behind it."""
    if questions.answer(session, question_id, staff_id, now=now) is not None:
        return False
    threads.add(session, question_id, Said("staff", f"answer of {staff_id}", author=f"staff:{staff_id}"), now=now)
    return True


def won(outcomes: list[Outcome]) -> int:
    return sum(bool(outcome.result) for outcome in outcomes)


def test_eight_take_it_at_once_and_one_has_it(crew: Crew, hall: Hall) -> None:
    people = staffed(hall)
    for _ in range(4):
        question = made(hall)
        outcomes = crew.race(hall.url, *(deed(questions.claim, question.id, number, now=SOON) for number in people))
        assert won(outcomes) == 1
        taken = next(number for number, outcome in zip(people, outcomes, strict=True) if outcome.result)
        assert now_is(hall, question).owner_id == taken


def test_control_without_the_states_several_believe_they_have_it(crew: Crew, hall: Hall) -> None:
    people, question = staffed(hall), made(hall)
    outcomes = crew.race(hall.url, *(deed(questions.claim, question.id, number, now=SOON) for number in people), off=("question",))
    assert won(outcomes) == SIZE


def test_eight_answer_at_once_and_one_answer_leaves(crew: Crew, hall: Hall) -> None:
    people = staffed(hall)
    for _ in range(4):
        question = made(hall)
        outcomes = crew.race(hall.url, *(deed(answer, question.id, number, now=SOON) for number in people))
        assert won(outcomes) == 1
        [said] = hall.do(threads.of, [question.id])
        assert said.author == f"staff:{now_is(hall, question).owner_id}"


def test_what_is_closed_stays_closed_however_many_answer_at_that_instant(crew: Crew, hall: Hall) -> None:
    people = staffed(hall)[1:]
    for _ in range(4):
        question = made(hall)
        close = deed(questions.close, question.id, questions.CITIZEN, now=SOON)
        closed, *answers = crew.race(hall.url, close, *(deed(answer, question.id, number, now=SOON) for number in people))
        assert closed.result is True
        assert now_is(hall, question).state == "closed"
        assert won(answers) == len(hall.do(threads.of, [question.id])) <= 1


def test_control_without_the_states_an_answer_opens_a_closed_question_again(crew: Crew, hall: Hall) -> None:
    people, question = staffed(hall)[1:], made(hall)
    close = deed(questions.close, question.id, questions.CITIZEN, now=SOON)
    crew.race(hall.url, close, *(deed(answer, question.id, number, now=SOON) for number in people), off=("question",))
    assert now_is(hall, question).state == "answered"


def ask(session: Session, person_id: int, account_id: int, *, now: dt.datetime) -> bool:
    asked = questions.ask(session, CENTER, Asker(person_id=person_id, account_id=account_id), Topic(), now=now)
    if asked.fresh:
        threads.add(session, asked.question.id, Said("citizen", "Có làm thứ Bảy không"), now=now)
    return asked.fresh


def test_tapped_eight_times_at_once_it_is_one_question(crew: Crew, hall: Hall) -> None:
    for wish in hall.people(4):
        assert wish.person_id is not None
        outcomes = crew.race(hall.url, *(deed(ask, wish.person_id, wish.account_id, now=SOON) for _ in range(SIZE)))
        assert won(outcomes) == 1
        [question] = hall.do(questions.of_person, wish.person_id)
        assert len(hall.do(threads.of, [question.id])) == 1


def test_control_without_the_key_it_is_eight(crew: Crew, hall: Hall) -> None:
    with hall.store.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_question_live"))
    [wish] = hall.people(1)
    assert wish.person_id is not None
    outcomes = crew.race(hall.url, *(deed(ask, wish.person_id, wish.account_id, now=SOON) for _ in range(SIZE)), off=("key",))
    assert won(outcomes) == SIZE
    assert len(hall.do(questions.of_person, wish.person_id)) == SIZE


def test_an_overdue_question_is_brought_up_once_by_eight_processes(crew: Crew, hall: Hall) -> None:
    question = made(hall)
    outcomes = crew.race(hall.url, *(deed(questions.bring_up, now=question.due_at) for _ in range(SIZE)))
    assert won(outcomes) == 1


def test_a_question_is_shown_to_the_group_once_by_eight_processes(crew: Crew, hall: Hall) -> None:
    question = made(hall)
    assert won(crew.race(hall.url, *(deed(questions.shown, question.id, now=SOON) for _ in range(SIZE)))) == 1


def test_the_same_message_brought_twice_at_once_is_kept_once(crew: Crew, hall: Hall, tiny: Premises) -> None:
    question = made(hall)
    said = Said("citizen", "thêm nữa", source=threads.Source("b", "a1", "77"))
    outcomes = crew.race(hall.url, *(deed(threads.add, question.id, said, now=SOON) for _ in range(SIZE)))
    assert won(outcomes) == 1
    assert [message.words for message in hall.do(threads.of, [question.id])] == ["thêm nữa"]
