"""Two workers take their turn at the same instant: each chat is offered once, nobody beyond the room there is."""

import threading

import pytest
from django.db import connection

from kefu.people import actor as actors
from kefu.touch.assignment import services
from kefu.touch.assignment.models import Offer
from tests.assignment.makers import chatted, ready
from tests.cast import make_cast


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_workers_offer_each_chat_once(transactional_db):
    cast = make_cast()
    actors.forget()
    ready(cast, cast.agent, cast.receptionist)
    for number in range(5):
        chatted(cast, number)
    barrier, faults = threading.Barrier(2), []

    def work():
        try:
            barrier.wait()
            services.turn()
        except Exception as error:  # told to the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _one in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    services.turn()
    assert faults == []
    offered = list(Offer.objects.filter(ended_at=None).values_list("conversation_id", "staff_id"))
    assert len({talk for talk, _staff in offered}) == len(offered)
    held = {staff: sum(1 for _talk, one in offered if one == staff) for _talk, staff in offered}
    assert all(count <= 1 for count in held.values()), held
    assert sorted(held) == [cast.agent.pk, cast.receptionist.pk]
