"""Signing in: lockout, the second step, forced change, sessions, where it leads."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import translation

from kefu.kit import moment, secrecy
from kefu.kit.errors import Invalid
from kefu.people import credentials, services, sign_in
from kefu.people.actor import SYSTEM
from kefu.people.lockout import Locked
from kefu.people.models import RecoveryCode, SignInTry, Staff

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
WORD = "correct-horse-7"


@pytest.fixture
def agent(cast) -> Staff:
    Staff.objects.filter(pk=cast.agent.pk).update(password=make_password(WORD))
    return cast.agent


def enter(client, password=WORD, username="u021", **more):
    return client.post("/sign-in", {"username": username, "password": password, **more})


def signed_in(client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def check(password, address="10.0.0.1", username="u021"):
    return credentials.check(username=username, password=password, address=address)


def test_the_page_works_and_leads_on(agent, client):
    assert client.get("/sign-in").status_code == 200
    response = enter(client, next="/notices?unread=1")
    assert response.status_code == 303
    assert response.headers["Location"] == "/notices?unread=1"
    assert signed_in(client)
    agent.refresh_from_db()
    assert agent.last_login is not None


def test_the_agent_number_is_a_name_too(agent, client):
    enter(client, username="021")
    assert signed_in(client)


@pytest.mark.parametrize("username", ["u021", "nobody"])
def test_a_wrong_name_and_a_wrong_password_sound_the_same(agent, client, username):
    response = enter(client, "wrong-password", username=username)
    assert response.status_code == 422
    assert "wrong-password" not in response.content.decode()
    assert not signed_in(client)


def test_a_closed_account_does_not_open(agent, client):
    Staff.objects.filter(pk=agent.pk).update(is_active=False)
    assert enter(client).status_code == 422


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]
)
def test_it_leads_nowhere_else(agent, client, target):
    assert enter(client, next=target).headers["Location"] == "/"


def test_a_guest_is_led_to_the_sign_in_and_back_with_the_whole_address(agent, client):
    response = client.get("/notices?unread=1&after=x")
    assert response.headers["Location"] == "/sign-in?next=%2Fnotices%3Funread%3D1%26after%3Dx"


def test_five_wrong_tries_lock_the_name_at_that_address_for_a_quarter_of_an_hour(agent):
    with moment.frozen(NOON):
        for _n in range(5):
            with pytest.raises(credentials.WrongPassword):
                check("wrong")
        with pytest.raises(Locked) as refused:
            check(WORD)
        assert "15" in refused.value.message()
        assert check(WORD, address="10.0.0.2").id == agent.pk
    with moment.frozen(NOON + timedelta(minutes=14)), pytest.raises(Locked):
        check(WORD)
    with moment.frozen(NOON + timedelta(minutes=16)):
        assert check(WORD).id == agent.pk


def test_waiting_tries_do_not_lengthen_the_wait(agent):
    with moment.frozen(NOON):
        for _n in range(5):
            with pytest.raises(credentials.WrongPassword):
                check("wrong")
    with moment.frozen(NOON + timedelta(minutes=10)):
        for _n in range(20):
            with pytest.raises(Locked):
                check("wrong")
    assert SignInTry.objects.count() == 5


def test_a_good_try_forgets_the_wrong_ones_of_that_address(agent):
    for _round in range(3):
        for _n in range(4):
            with pytest.raises(credentials.WrongPassword):
                check("wrong")
        check(WORD)
    assert SignInTry.objects.filter(good=True).count() == 3


def test_a_name_tried_from_everywhere_is_locked_everywhere(agent):
    for n in range(20):
        with pytest.raises(credentials.WrongPassword):
            check("wrong", address=f"10.1.0.{n}")
    with pytest.raises(Locked):
        check(WORD, address="10.9.9.9")


def test_one_address_may_not_try_many_names(agent):
    for n in range(50):
        with pytest.raises(credentials.WrongPassword):
            check("wrong", username=f"name{n}")
    with pytest.raises(Locked):
        check("wrong", username="another")


def test_an_administrator_unlocks(agent, cast):
    for _n in range(5):
        with pytest.raises(credentials.WrongPassword):
            check("wrong")
    with pytest.raises(Locked):
        check(WORD)
    services.unlock(actor=cast.actor(cast.admin), id=agent.pk)
    assert check(WORD).id == agent.pk


def test_a_planted_session_is_worth_nothing_after_the_sign_in(agent, client):
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    enter(client)
    assert client.session.session_key != planted
    assert "planted" not in client.session
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert not signed_in(attacker)


def test_signing_out_ends_the_session_at_once(agent, client):
    enter(client)
    key = client.session.session_key
    assert client.get("/sign-out").status_code == 303
    assert signed_in(client)
    client.post("/sign-out")
    other = Client()
    other.cookies["sessionid"] = key
    assert not signed_in(other)


def test_signing_out_everywhere(agent, client):
    second = Client()
    enter(client)
    enter(second)
    client.post("/me/sign-out")
    assert not signed_in(client)
    assert not signed_in(second)


def test_every_form_needs_its_token(agent):
    strict = Client(enforce_csrf_checks=True)
    assert enter(strict).status_code == 403
    assert strict.post("/language", {"language": "en"}).status_code == 403


def test_a_one_time_password_leads_to_its_change_and_nowhere_else(cast, client):
    made, word = services.create_staff(actor=SYSTEM, number="555", username="new", name="新人", unit=cast.centre.pk)
    assert made.must_change_password
    enter(client, word, username="new")
    assert client.get("/me").headers["Location"] == "/sign-in/password?next=%2Fme"
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/sign-in/password").status_code == 200
    wrong = client.post("/sign-in/password", {"old": word, "new": "short", "again": "short"})
    assert wrong.status_code == 422
    same = client.post("/sign-in/password", {"old": word, "new": word, "again": word})
    assert same.status_code == 422
    other = Client()
    enter(other, word, username="new")
    done = client.post("/sign-in/password", {"old": word, "new": "a-lasting-one-9", "again": "a-lasting-one-9"})
    assert done.status_code == 303
    assert signed_in(client)
    assert other.get("/me").headers["Location"].startswith("/sign-in?")
    made.refresh_from_db()
    assert made.password.startswith("argon2")


@pytest.mark.parametrize(
    ("word", "chinese", "english"),
    [
        ("kurz-9", "至少 10 个字符", "At least 10 characters"),
        ("password123", "太常见", "too many people"),
        ("linxiaohong1", "太相似", "too much like"),
    ],
)
def test_a_weak_password_is_refused_in_the_language_of_the_page(cast, word, chinese, english):
    made, _word = services.create_staff(actor=SYSTEM, number="555", username="linxiaohong", name="林晓红", unit=cast.centre.pk)
    for language, said in (("zh-hans", chinese), ("en", english)):
        with translation.override(language), pytest.raises(Invalid) as refused:
            credentials.fitting(made, word)
        told = str(refused.value.fields["new"])
        assert said in told
        assert told.isascii() == (language == "en")


@pytest.fixture
def secret(agent) -> str:
    made = credentials.new_secret()
    with moment.frozen(NOON):
        credentials.set_totp(staff_id=agent.pk, secret=made, code=pyotp.TOTP(made).at(NOON))
    return made


def test_the_secret_of_the_second_step_is_sealed(agent, secret):
    agent.refresh_from_db()
    assert secret not in agent.totp_secret
    assert secrecy.unseal(agent.totp_secret, credentials.PURPOSE) == secret


def test_the_password_alone_does_not_open(agent, secret, client):
    later = NOON + timedelta(minutes=5)
    with moment.frozen(later):
        response = enter(client, next="/notices")
        assert response.headers["Location"] == "/sign-in/code?next=%2Fnotices"
        assert not signed_in(client)
        assert client.post("/sign-in/code", {"code": "000000"}).status_code == 422
        done = client.post("/sign-in/code", {"code": pyotp.TOTP(secret).at(later), "next": "/notices"})
    assert done.headers["Location"] == "/notices"
    assert signed_in(client)


def test_a_code_is_good_once(agent, secret):
    later = NOON + timedelta(minutes=5)
    code = pyotp.TOTP(secret).at(later)
    with moment.frozen(later):
        credentials.check_second(staff_id=agent.pk, code=code, address=None)
        with pytest.raises(credentials.WrongCode):
            credentials.check_second(staff_id=agent.pk, code=code, address=None)
        earlier = pyotp.TOTP(secret).at(later - timedelta(seconds=30))
        with pytest.raises(credentials.WrongCode):
            credentials.check_second(staff_id=agent.pk, code=earlier, address=None)


def test_the_second_step_waits_five_minutes_only(agent, secret, client):
    with moment.frozen(NOON + timedelta(minutes=5)):
        enter(client)
    later = NOON + timedelta(minutes=11)
    with moment.frozen(later):
        response = client.post("/sign-in/code", {"code": pyotp.TOTP(secret).at(later)})
    assert response.headers["Location"].startswith("/sign-in?")
    assert not signed_in(client)


def test_guessing_codes_locks(agent, secret):
    for _n in range(5):
        with pytest.raises(credentials.WrongCode):
            credentials.check_second(staff_id=agent.pk, code="000000", address="10.0.0.1")
    with pytest.raises(Locked):
        credentials.check_second(staff_id=agent.pk, code="000000", address="10.0.0.1")


def test_a_recovery_code_is_good_once_and_only_for_its_owner(agent, cast):
    made = credentials.new_secret()
    with moment.frozen(NOON):
        codes = credentials.set_totp(staff_id=agent.pk, secret=made, code=pyotp.TOTP(made).at(NOON))
    assert len(set(codes)) == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    credentials.check_second(staff_id=agent.pk, code=codes[0].upper(), address=None)
    with pytest.raises(credentials.WrongCode):
        credentials.check_second(staff_id=agent.pk, code=codes[0], address=None)
    with pytest.raises(credentials.WrongCode):
        credentials.check_second(staff_id=cast.manager.pk, code=codes[1], address=None)


def test_setting_up_and_switching_off_on_the_page(agent, client):
    enter(client)
    page = client.get("/me/two-step").content.decode()
    assert "<svg" in page
    held = secrecy.unseal(client.session["totp"], "people.enrolment")
    assert client.post("/me/two-step", {"code": "123"}).status_code == 422
    done = client.post("/me/two-step", {"code": pyotp.TOTP(held).at(moment.now())})
    assert done.content.decode().count("<li><code") == 10
    sign_in._sessions.clear()
    assert client.get("/me/two-step").status_code == 303
    assert client.post("/me/two-step/off", {"password": "wrong"}).status_code == 422
    client.post("/me/two-step/off", {"password": WORD})
    agent.refresh_from_db()
    assert agent.totp_since is None
    assert not RecoveryCode.objects.exists()


def test_language_and_look_of_guest_and_staff(agent, client):
    client.post("/language", {"language": "en", "next": "/sign-in"})
    assert "User name" in client.get("/sign-in").content.decode()
    assert client.post("/language", {"language": "xx"}).status_code == 422
    enter(client)
    client.post("/language", {"language": "en"})
    client.post("/me/theme", {"theme": "dark"})
    assert client.post("/me/theme", {"theme": "pink"}).status_code == 422
    agent.refresh_from_db()
    assert (agent.language, agent.theme) == ("en", "dark")
