"""Who is offered what: the same facts always give the same answer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from kefu.touch.assignment.routing import Free, Waiting, choose, in_turn, plan

AT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NONE: frozenset[int] = frozenset()


def talk(number=1, **more):
    return Waiting(**{"id": number, "account": 1, "channel": "chat", "since": AT, **more})


def person(number, idle=0, load=0, **more):
    return Free(**{"id": number, "idle_since": AT - idle * MINUTE, "load": {"chat": load}, "capacity": {"chat": 3}, **more})


def chosen(one, *people, skilled=NONE, at=AT):
    return choose(one, people, skilled=skilled, at=at)


def test_the_order_of_preference():
    assert chosen(talk(), person(1, idle=1), person(2, idle=5)) == 2
    assert chosen(talk(), person(1, idle=1), person(2, idle=5, load=1)) == 1
    best = person(3, load=2, levels={1: 9})
    assert chosen(talk(), person(1, idle=9, levels={1: 2}), best, skilled=frozenset({1})) == 3
    assert chosen(talk(last_agent=1), person(1, load=2), best) == 1
    assert chosen(talk(last_agent=1, tries={1: 1}), person(1), person(2, load=2)) == 2
    assert chosen(talk(), person(2), person(1)) == 1


def test_nobody_is_asked_who_is_full_resting_or_not_skilled():
    assert chosen(talk(), person(1, load=3)) is None
    assert chosen(talk(), person(1, capacity={})) is None
    assert chosen(talk(resting=frozenset({1})), person(1)) is None
    assert chosen(talk(), person(1), skilled=frozenset({1})) is None
    assert chosen(talk(), person(1), skilled=frozenset({1}), at=AT + MINUTE) == 1


def test_letters_come_one_at_a_time_to_who_has_time():
    letter = talk(channel="email", live=False)
    room = {"chat": 3, "email": 10}
    assert chosen(letter, person(1, capacity=room)) == 1
    assert chosen(letter, person(1, capacity=room, load=3)) is None
    assert chosen(letter, person(1, capacity=room, asked=True)) is None
    assert chosen(talk(), person(1, capacity=room, asked=True)) == 1
    assert (
        chosen(talk(channel="email", live=False, overflow=5 * MINUTE), person(1, capacity=room), skilled=frozenset({1}), at=AT + MINUTE)
        is None
    )
    letters = [talk(number, channel="email", live=False, since=AT - MINUTE) for number in range(3)]
    made = plan([*letters, talk(9)], [person(1, capacity=room), person(2, capacity=room)], skilled=NONE, at=AT)
    assert made == [(9, 1), (0, 2), (1, 1)]


def test_key_customers_come_first_then_who_waits_longest():
    waiting = [talk(1, since=AT - MINUTE), talk(2, since=AT - 2 * MINUTE), talk(3, key=True)]
    assert [one.id for one in in_turn(waiting)] == [3, 2, 1]


@given(some.lists(some.booleans(), max_size=8), some.lists(some.integers(0, 3), max_size=5), some.randoms())
def test_a_plan_keeps_to_the_room_there_is_and_not_to_the_order_of_the_facts(talks, people, chance):
    waiting = [talk(number, key=key) for number, key in enumerate(talks)]
    free = [person(number, load=load) for number, load in enumerate(people)]
    made = plan(waiting, free, skilled=NONE, at=AT)
    room = sum(3 - load for load in people)
    assert len(made) == min(len(talks), room)
    assert len({one for one, _person in made}) == len(made)
    chance.shuffle(waiting)
    chance.shuffle(free)
    assert plan(waiting, free, skilled=NONE, at=AT) == made
