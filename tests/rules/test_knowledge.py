"""Sources 003 and 004: what agents answer from."""

from datetime import timedelta

import pytest

from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.touch.contacts.models import Contact
from kefu.touch.knowledge import queries, services
from kefu.touch.knowledge.choices import Domain
from tests import cases
from tests.knowledge.making import approved, draft
from tests.property_centre import NOW


@pytest.mark.clause("R-03-3.2.2")
def test_answers_come_from_approved_knowledge_that_still_holds(cast, signed_in):
    article = draft(cast)
    services.submit(actor=cast.actor(cast.manager), id=article.pk)
    with pytest.raises(Conflict):
        services.approve(actor=cast.actor(cast.manager), id=article.pk)
    services.approve(actor=cast.actor(cast.boss), id=article.pk)
    label = services.label(queries.found(queries.in_force(), "停车月卡")[0])
    contact = cases.call(cast)
    signed_in(cast.agent).post(f"/desk/{contact.pk}", {"action": "settle", "answer": "三百元", "answer_source": label})
    assert " v1 " in Contact.objects.get(pk=contact.pk).answer_source
    with moment.frozen(NOW + timedelta(days=91)), pytest.raises(NotFound):
        queries.get(cast.actor(cast.agent), article.pk)


@pytest.mark.clause("R-04-3.6.3d")
def test_there_are_explanation_cards_for_each_reason_of_an_invalid_complaint(cast):
    card = approved(cast, domain=Domain.EXPLANATION, reason="ignorance", title="收费标准怎么解释")
    rows = queries.rows(cast.actor(cast.agent), domain=Domain.EXPLANATION, reason="ignorance").rows
    assert [row["subject_id"] for row in rows] == [card.pk]
    with pytest.raises(Invalid):
        draft(cast, domain=Domain.EXPLANATION, reason="")
