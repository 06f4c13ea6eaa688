"""What a conversation brought goes along to the order that is made of it."""

from kefu.engines.files import queries as files
from kefu.engines.files.models import StoredFile
from kefu.flows.open_from_contact import open_order
from kefu.touch.conversations import handling
from kefu.touch.conversations.services import Enclosed
from tests.cases import RECORD
from tests.conversations.makers import written
from tests.files.makers import chunk, png


def test_the_files_of_a_letter_are_seen_at_the_desk_and_on_the_order_by_who_works_on_it(cast, signed_in):
    talk, agent = (
        written(cast, files=(Enclosed("漏水.png", png), Enclosed("旧.png", lambda: png(chunk(b"tEXt", b"a\0b"))))),
        cast.actor(cast.agent),
    )
    handling.take(actor=agent, id=talk.pk)
    kept, withdrawn = StoredFile.objects.filter(subject_id=talk.pk).order_by("id")
    StoredFile.objects.filter(pk=withdrawn.pk).update(voided_at=talk.last_at, void_reason="重复")
    assert "漏水.png" in signed_in(cast.agent).get(f"/desk/{talk.pk}").content.decode()
    order = open_order(actor=agent, contact_id=talk.pk, order_type="repair.public.water", record=RECORD)
    carried = StoredFile.objects.get(subject_id=order.pk)
    assert (carried.sha256, carried.name, carried.at) == (kept.sha256, "漏水.png", kept.at)
    assert set(files.usable([kept.pk, carried.pk], cast.actor(cast.crew_leader))) == {carried.pk}
    assert "漏水.png" in signed_in(cast.crew_leader).get(f"/orders/{order.pk}").content.decode()
