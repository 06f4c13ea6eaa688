"""Accounts as an administrator sets them up, what the doctor says of them, and the end of what people left."""

from datetime import timedelta

from django.db import connection
from django.utils import translation

from kefu.engines.privacy import retention
from kefu.engines.social.calls import Refused
from kefu.entry import doctor
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.touch.channels.social import asking, queries
from kefu.touch.channels.social.models import Link, Person, Sending
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Message
from kefu.touch.conversations.services import Account
from tests.browser import Browser
from tests.social.makers import official, said, talk
from tests.social.platform import APP, KEY


def test_an_account_is_set_up_switched_off_its_secrets_sealed(cast, signed_in):
    page = Browser(signed_in(cast.admin)).open("/settings/social")
    assert "还没有微信账号" in page.text
    assert "尚未在真实账号上运行" in page.text
    words = {"name": "服务号", "platform": "official", "unit_id": str(cast.centre.pk), "app_id": APP}
    page.open("/settings/social/new").press("保存", **words)
    held = Link.objects.select_related("account").get()
    assert (held.account.active, held.account.address, held.base) == (False, APP, "api.weixin.qq.com")
    where = f"/settings/social/{held.pk}"
    page.open(where).press("保存", 422, **words, active=True)
    page.open(where).press("保存", 422, **words, base="http://elsewhere.example")
    page.open(where).press("保存", **words, active=True, secret="hunter2", token="tok", key=KEY)
    page.open(where).press("保存", **words, active=True)
    held.refresh_from_db()
    assert (held.secret, held.token, held.key, Account.objects.get(pk=held.pk).active) == ("hunter2", "tok", KEY, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, token, key FROM social_link")
        assert not {"hunter2", "tok", KEY} & set(cursor.fetchone())
    shown = page.open("/settings/social").text
    assert f"http://testserver/social/{held.hook}" in shown
    assert "hunter2" not in shown + page.open(where).text
    page.open("/settings/social/new").press("保存", 422, **words)
    page.open("/settings/social/new").press("保存", 422, **{**words, "platform": "service"})
    assert signed_in(cast.agent).get("/settings/social").status_code == 403


def test_how_an_account_fares_is_told_with_the_other_channels(cast):
    link = official(cast)
    assert [one.level for one in queries.health()] == ["new"]
    said()
    assert [one.level for one in queries.health()] == ["good"]
    Link.objects.update(send_trouble="45015")
    assert [one.level for one in queries.health()] == ["warn"]
    assert [one.level for one in doctor.channels() if "45015" in one.text] == ["warn"]
    Account.objects.filter(pk=link.pk).update(active=False)
    assert [one.level for one in queries.health()] == ["off"]


def test_who_wrote_long_ago_is_erased_and_nobody_else(cast):
    official(cast)
    said("家住三号楼", 1)
    old, agent = talk(), cast.actor(cast.agent)
    handling.reply(actor=agent, id=old.pk, text="张先生您好")
    handling.close(actor=agent, id=old.pk, wrap_up="answered")
    said("我是李娜", 2, who="oOther")
    with moment.frozen(moment.now() + timedelta(days=40)):
        retention.set_rule(actor=SYSTEM, data_kind="social.person", months=1, basis="PIPL art. 19")
        proof = retention.erase_due(actor=SYSTEM, data_kind="social.person")
        assert proof is not None
        assert (proof.count, retention.erase_due(actor=SYSTEM, data_kind="social.person")) == (1, None)
    assert list(Person.objects.values_list("key", flat=True)) == ["oOther"]
    assert (Sending.objects.count(), set(Message.objects.filter(conversation=old).values_list("text", "sender", "foreign_id"))) == (
        0, {("", "", None)},
    )  # fmt: skip
    old.refresh_from_db()
    assert (old.address, old.contact.content) == (f"erased:{old.pk}", "")
    assert "我是李娜" in Message.objects.latest("pk").text


def test_troubles_speak_the_language_of_who_looks(cast, signed_in):
    link = official(cast)
    Link.objects.update(send_trouble=asking.said(Refused(48001, "no. rid: 1")))
    asking.failing(link.pk, asking.said(asking.Off("x")))
    for language, words in (("en", "this account has no right to do this"), ("zh-hans", "没有权限")):
        with translation.override(language):
            (row,) = queries.links(SYSTEM)
            assert words in row["send_trouble"]
            assert "48001" in row["send_trouble"]
            (way,) = queries.health()
        assert any(words in one.text for one in way.ills)
    assert "该账号已停用" in Browser(signed_in(cast.admin)).open("/settings/social").text
