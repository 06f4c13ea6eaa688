"""No input that the document allows, and none that it forbids, is answered by a fault. Bounded: a few examples for each operation."""

from __future__ import annotations

import itertools
import os
from collections import Counter

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from kefu.cases.workorders import routing
from kefu.engines.rulebook import loader
from kefu.entry.wsgi import application
from kefu.flows import complaint_steps, open_from_contact
from kefu.people.actor import SYSTEM, actor_of, forget
from kefu.people.models import Post
from kefu.people.registry import rights as all_rights
from kefu.people.services import make_token
from kefu.timeline.models import Subject
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers.services import create
from tests.cast import make_posts
from tests.entry.test_api_cases import CONTACT, RECORD

# What an input does to the code it does on either database: PostgreSQL is asked for its own refusals alone.
EXAMPLES = int(os.environ.get("KEFU_FUZZ", "1" if os.environ.get("KEFU_TEST_DATABASE", "").startswith("postgres") else "2"))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
QUIET = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def no_brake(monkeypatch):
    """A key of the fuzz asks more often than one may."""
    monkeypatch.setattr("django.conf.settings.API_PER_MINUTE", 1_000_000)


@pytest.fixture
def _one_connection():
    """A request through the real application would close the connection that the test's transaction lives in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def people(cast, _one_connection):
    """A centre with a case of each kind, and the tokens of several posts; the first one holds every right there is."""
    loader.load("property", actor=SYSTEM)
    make_posts()
    routing.forget()
    Post.objects.filter(code="centre_manager").update(rights=sorted(right.code for right in all_rights))
    forget()
    tokens = []
    for staff in (cast.boss, cast.agent, cast.crew_leader, cast.auditor):
        actor = actor_of(staff.pk)
        tokens.append(make_token(actor=actor, name="fuzz", rights=sorted(actor.rights))[1])
    create(actor=SYSTEM, name="张三", phones=["13800001234"])
    boss = actor_of(cast.boss.pk)
    for kind in ("repair.public.light", "repair.public.door"):
        contact, _new = contacts.receive(actor=boss, channel=Channel.API, waits=True, **CONTACT)
        open_from_contact.open_order(actor=boss, contact_id=contact.pk, order_type=kind, record=RECORD)
    complaint_steps.pass_on(actor=boss, content="态度差", name="李四")
    return tokens


def _ids() -> set[int]:
    return set(Subject.objects.filter(kind__in=["workorder", "complaint", "contact", "customer"]).values_list("pk", flat=True))


def _send(case, token: str):
    """One request, its writes taken back."""
    with transaction.atomic():
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        transaction.set_rollback(True)
    return response


def _fault_of(case, response) -> str:
    kind = response.headers.get("content-type", [""])[0]
    if response.status_code >= 500 and response.status_code != 503:
        return f"{response.status_code} {case.as_curl_command()[:600]}\n{response.text[:300]}"
    own_answer = case.path.endswith("/clock/due")  # says {"error": ...} like the command line
    if response.status_code >= 400 and response.status_code != 405 and not own_answer and "application/problem+json" not in kind:
        return f"{response.status_code} is no problem+json ({kind}): {case.as_curl_command()[:300]}"
    return ""


def test_no_input_makes_a_fault(people, db):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    turn = itertools.cycle(people)
    faults: list[str] = []
    answers: Counter[int] = Counter()
    here = sorted(_ids())

    def probe(operation, mode) -> None:
        @QUIET
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case) -> None:
            sent = answers.total()
            if "id" in (case.path_parameters or {}) and here and sent % 4:
                case.path_parameters["id"] = here[sent % len(here)]
            response = _send(case, people[0] if sent % 2 else next(turn))
            answers[response.status_code] += 1
            if fault := _fault_of(case, response):
                faults.append(fault)

        run()

    for found in schema.get_all_operations():
        for mode in MODES:
            try:
                probe(found.ok(), mode)
            except Exception as error:
                if type(error).__name__ not in {"Unsatisfiable", "InvalidArgument", "SkipTest"}:
                    raise
    assert answers[200] + answers[201] > 50, answers
    assert answers[422] > 50, answers
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(dict.fromkeys(faults))
