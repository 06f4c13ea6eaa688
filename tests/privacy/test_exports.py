"""A table leaves the house with a purpose, another person's approval, and its hash."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kefu.engines.notify.models import Notice
from kefu.engines.privacy import exports
from kefu.engines.privacy.models import ExportRequest
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound

HASH = "a" * 64


def ask(actor, personal=("phone",), **more):
    words = {"what": "customers", "purpose": "yearly survey", "columns": ["number", "phone"], "personal_columns": list(personal)}
    return exports.request(actor=actor, **words | more)


def test_personal_columns_wait_for_another_person(cast):
    manager, boss = cast.actor(cast.manager), cast.actor(cast.boss)
    row = ask(manager)
    assert set(Notice.objects.values_list("kind", "recipient_id")) == {("export.asked", cast.boss.pk)}
    with pytest.raises(exports.NeedsApproval):
        exports.record(actor=manager, id=row.pk, rows=3, sha256=HASH)
    with pytest.raises(NotAllowed):
        exports.approve(actor=manager, id=row.pk)
    exports.approve(actor=boss, id=row.pk)
    assert Notice.objects.filter(kind="export.approved", recipient=cast.manager).count() == 1
    with pytest.raises(NotFound):
        exports.record(actor=boss, id=row.pk, rows=3, sha256=HASH)
    made = exports.record(actor=manager, id=row.pk, rows=3, sha256=HASH)
    assert (made.rows, made.sha256, made.approved_by_id) == (3, HASH, cast.boss.pk)
    with pytest.raises(exports.NeedsApproval):
        exports.record(actor=manager, id=row.pk, rows=3, sha256=HASH)


def test_the_database_itself_wants_two_people(cast):
    row = ask(cast.actor(cast.manager))
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=row.pk).update(approved_by=cast.manager)


def test_an_approval_runs_out(cast):
    row = ask(cast.actor(cast.manager))
    exports.approve(actor=cast.actor(cast.boss), id=row.pk, days=2)
    with moment.frozen(moment.now() + timedelta(days=3)), pytest.raises(exports.NeedsApproval):
        exports.record(actor=cast.actor(cast.manager), id=row.pk, rows=1, sha256=HASH)


def test_a_refusal_gives_its_reason_and_is_final(cast):
    row = ask(cast.actor(cast.manager))
    boss = cast.actor(cast.boss)
    with pytest.raises(Invalid):
        exports.refuse(actor=boss, id=row.pk, reason="")
    exports.refuse(actor=boss, id=row.pk, reason="too wide")
    assert Notice.objects.get(kind="export.refused").params["reason"] == "too wide"
    with pytest.raises(Conflict):
        exports.approve(actor=boss, id=row.pk)


def test_without_personal_columns_nobody_is_asked(cast):
    row = ask(cast.actor(cast.manager), personal=())
    assert not Notice.objects.exists()
    assert exports.record(actor=cast.actor(cast.manager), id=row.pk, rows=0, sha256=HASH).state == "made"


def test_right_purpose_and_columns(cast):
    with pytest.raises(NotAllowed):
        ask(cast.actor(cast.agent))
    with pytest.raises(Invalid) as refused:
        ask(cast.actor(cast.manager), purpose=" ")
    assert set(refused.value.fields) == {"purpose"}
    with pytest.raises(Invalid):
        ask(cast.actor(cast.manager), columns=[])


def test_the_page(cast, signed_in):
    row = ask(cast.actor(cast.manager))
    boss = signed_in(cast.boss)
    for tab in ("exports", "reveals", "retention", "proofs"):
        assert boss.get(f"/settings/privacy?tab={tab}").status_code == 200
    assert boss.get("/settings/privacy?tab=x").status_code == 404
    assert "yearly survey" in boss.get("/settings/privacy").content.decode()
    assert signed_in(cast.agent).get("/settings/privacy").status_code == 403
    assert signed_in(cast.manager).post(f"/settings/privacy/exports/{row.pk}/approve").status_code == 403
    assert boss.post(f"/settings/privacy/exports/{row.pk}/approve").status_code == 303
    assert ExportRequest.objects.get(pk=row.pk).state == "approved"
