"""The styles of Chinese vendors told by data alone: the worked descriptions of docs/sms.md against a gateway that checks as they would."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.utils import translation

from kefu.engines.jobs import queue
from kefu.engines.texting import gateway as wire
from kefu.engines.texting import recipes
from kefu.engines.texting.carrier import Outgoing
from kefu.engines.texting.recipes import Recipe
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.touch.channels.sms import routing, settings
from kefu.touch.channels.sms.models import Line
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Message
from tests.browser import Browser
from tests.sms.makers import NUMBER, gateway, line, talk, texted

PAGE = Path(__file__).parents[2] / "docs" / "sms.md"
SECRET = "top secret"
NOTICE = Outgoing("w1", NUMBER, "【绿洲物业】工单已受理", "绿洲物业", "8801", {"number": "GD1", "hotline": "0571", "unit": "绿洲"})
WORDS = Outgoing("w2", NUMBER, "【绿洲物业】师傅明天上午到", "绿洲物业")


def described() -> list[dict]:
    """The descriptions of the manual, in their order."""
    blocks = re.findall(r"(?:^    .*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [json.loads(one) for one in blocks if one.lstrip().startswith("{")]


def at_home(description: dict, port: int) -> dict:
    return {**description, "send": {**description["send"], "url": f"http://127.0.0.1:{port}/send"}}


def md5_of(fields: dict[str, str]) -> str:
    shown = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name])
    return hashlib.md5(f"{shown}&key={SECRET}".encode(), usedforsecurity=False).hexdigest().upper()


def body_of(description: dict, out: Outgoing) -> dict:
    _method, _address, data, _headers = wire.request(Recipe.model_validate(description), out, key="app", secret=SECRET, at=moment.now())
    return json.loads(data)


def test_every_description_of_the_manual_holds():
    assert len(described()) == 3
    for one in described():
        Recipe.model_validate(one)


def test_named_parameters_in_a_form_signed_over_the_sorted_fields(cast):
    with gateway((200, {"Code": "OK", "BizId": "B1"}), (200, {"Code": "OK", "BizId": "B2"})) as there:
        way = Recipe.model_validate(at_home(described()[1], there.port))
        for out, name in ((NOTICE, "B1"), (WORDS, "B2")):
            assert wire.send(way, out, key="app", secret=SECRET, at=moment.now()) == name
    notice, plain = there.taken
    assert json.loads(notice["templateParam"]) == {"orderNo": "GD1", "tel": "0571", "company": "绿洲"}
    assert (notice["templateCode"], notice["phone"], notice["signName"]) == ("8801", "13800001234", "绿洲物业")
    assert (plain["templateCode"], json.loads(plain["templateParam"])) == ("T_REPLY", {"content": "师傅明天上午到"})
    assert [one["sign"] for one in there.taken] == [md5_of(one) for one in there.taken]


def receipt_of(rows: list[dict], *, secret_holds: bool = True) -> tuple[str, str]:
    fields = {"data": json.dumps(rows), "timestamp": str(int(moment.now().timestamp() * 1000))}
    return urlencode({**fields, "sign": md5_of(fields) if secret_holds else "0" * 32}), "application/x-www-form-urlencoded"


def test_an_agent_answers_by_a_template_and_its_receipt_in_a_form_comes_back(cast):
    with gateway((200, {"Code": "OK", "BizId": "B7"})) as there:
        texted(line(cast, recipe=at_home(described()[1], there.port)))
        made = handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text="师傅明天上午到")
        queue.drain()
    assert json.loads(there.taken[0]["templateParam"]) == {"content": "师傅明天上午到"}
    rows = [{"biz_id": "B7", "success": True, "err_code": "DELIVERED"}]
    body, kind = receipt_of(rows, secret_holds=False)
    assert Client().post("/sms/hook-word/receipts", body, content_type=kind).status_code == 403
    assert Message.objects.get(pk=made.pk).delivery == "sent"
    body, kind = receipt_of(rows)
    assert Client().post("/sms/hook-word/receipts", body, content_type=kind).content == b'{"code":0}'
    assert Message.objects.get(pk=made.pk).delivery == "arrived"


def test_a_list_and_a_number_in_json_signed_over_time_nonce_and_digest():
    with gateway((200, {"result": 0, "sid": "S1"}), (200, {"result": 0, "sid": "S2"})) as there:
        way = Recipe.model_validate(at_home(described()[2], there.port))
        for out in (NOTICE, WORDS):
            wire.send(way, out, key="app", secret=SECRET, at=moment.now())
    notice, plain = there.taken
    assert (notice["tpl_id"], notice["params"], notice["tel"]) == (8801, ["GD1", "0571"], [{"nationcode": "86", "mobile": "13800001234"}])
    assert isinstance(notice["time"], int)
    assert (plain["tpl_id"], plain["params"]) == (1002, ["师傅明天上午到"])
    for sent in there.headers:
        digest = hashlib.sha256(sent["body"].encode()).hexdigest()
        signed = hmac.new(SECRET.encode(), f"{sent['X-Timestamp']}\n{sent['X-Nonce']}\n{digest}".encode(), hashlib.sha256).digest()
        assert sent["Authorization"] == f"HMAC-SHA256 {base64.b64encode(signed).decode()}"


def test_receipts_as_lines_are_read_by_place(cast):
    way = Recipe.model_validate(described()[2])
    found = wire.receipts(way, {"report": "S1|138|DELIVRD|000;S2|139|REJECTD|MK:0001;;S3"})
    assert [(one.foreign_id, one.state, one.detail) for one in found] == [
        ("S1", "delivered", "000"), ("S2", "failed", "MK:0001"), ("S3", "failed", ""),
    ]  # fmt: skip
    assert wire.receipts(way, {"report": ""}) == wire.receipts(way, {}) == []
    assert wire.receipts(Recipe.model_validate(described()[1]), {"data": "[broken"}) == []


def test_sorted_fields_are_encoded_and_signed_with_a_key_that_says_more():
    description = {
        "send": {
            "url": "https://g.example/", "type": "form",
            "body": {"To": "{national}", "Params": "{params}", "Empty": "", "Signature": "{sign}"},
            "sign": {
                "algorithm": "hmac-sha1", "key": "{secret}&", "text": "POST&%2F&{sorted_encoded}", "encoding": "base64",
                "sorting": {"encode": True, "empty": True},
            },
        }
    }  # fmt: skip
    _method, _address, data, _headers = wire.request(Recipe.model_validate(description), NOTICE, key="k", secret=SECRET, at=moment.now())
    sent = dict(wire.parse_qsl(data.decode(), keep_blank_values=True))
    fields = [("Empty", ""), ("Params", sent["Params"]), ("To", "13800001234")]
    canonical = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in fields)
    signed = hmac.new(f"{SECRET}&".encode(), f"POST&%2F&{quote(canonical, safe='')}".encode(), hashlib.sha1).digest()
    assert sent["Signature"] == base64.b64encode(signed).decode()


def test_what_fills_a_template_is_never_filled_again():
    evil = Outgoing("w", NUMBER, "{secret}", "", "T", {"number": "{secret}", "hotline": "{key}"})
    body = {"o": "{object}", "l": "{list}", "j": "{joined}", "t": "{template} {object}"}
    sent = body_of({"send": {"url": "https://g.example/", "body": body}}, evil)
    assert sent["o"] == {"number": "{secret}", "hotline": "{key}"}
    assert (sent["l"], sent["j"]) == (["{secret}", "{key}"], "{secret},{key}")
    assert SECRET not in json.dumps(sent)


def test_values_alone_can_be_signed_and_fields_left_out():
    sorting = recipes.Sorting(names=False, between="", skip=("b",))
    assert sorting.made({"c": "3", "a": "1", "b": "2", "sign": "x"}, ["sign"]) == "13"


def test_a_line_that_sends_only_templates_says_so_to_who_answers(cast):
    only = {"send": {"url": "https://g.example/", "body": {"t": "{template}", "p": "{object}"}}}
    texted(line(cast, recipe=only))
    assert "只能发送模板短信" in str(routing.hindrance(Line.objects.get().account))
    with pytest.raises(Conflict) as refused:
        handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text="师傅明天上午到")
    assert "只能发送模板短信" in refused.value.message()
    only["send"]["template"] = {"plain": {"code": "T", "place": "x"}}
    Line.objects.update(recipe=only)
    assert routing.hindrance(Line.objects.get().account) == ""


GOOD = {"url": "https://g.example/", "body": {"t": "{template}", "p": "{object}"}}
WRONG = {
    '{"send": {': ("Look at line 1, column 11", "第1行第11列"),
    "[1]": ("does not hold at “--”", "处有误"),
    json.dumps({"send": {**GOOD, "url": "http://g.example/"}}): ("The address must begin with https.", "地址须以https开头"),
    json.dumps({"send": {**GOOD, "templates": {}}}): ("“send.templates”: This is not expected here.", "“send.templates”处有误"),
    json.dumps({"send": {**GOOD, "template": {"order": ["order_no"]}}}): ("there are unit, hotline, number", "可用的有unit"),
    json.dumps({"send": {**GOOD, "template": {"plain": {"code": "T"}}}}): ("“send.template.plain.place”", "“send.template.plain.place”"),
    json.dumps({"send": {**GOOD, "numbers": ["tpl"]}}): ("“tpl” is no field of the body", "正文中没有字段“tpl”"),
    json.dumps({"send": {**GOOD, "sign": {"algorithm": "md4", "text": "{secret}"}}}): ("'hmac-sha256', 'hmac-sha1'", "'hmac-sha256'"),
    json.dumps({"send": {**GOOD, "sign": {"algorithm": "md5", "text": "{sorted}"}}}): ("The secret must be in it", "签名须用到密钥"),
    json.dumps({"send": {**GOOD, "body": {"x": "{words}{nobody}"}}}): ("There is no place {nobody}", "没有占位符{nobody}"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_description_is_told_in_the_language_of_the_reader(text):
    for language, words in zip(("en", "zh-hans"), WRONG[text], strict=True):
        with translation.override(language), pytest.raises(Invalid) as refused:
            settings.recipe_of(text)
        assert words in str(refused.value.fields["recipe"]), refused.value.fields


def test_the_settings_page_shows_what_is_wrong(cast, signed_in):
    page = Browser(signed_in(cast.admin)).open("/settings/sms/new")
    words = {"name": "短信", "address": "1069012345", "unit_id": str(cast.centre.pk), "active": True}
    page.press("保存", 422, **words, recipe=json.dumps({"send": {**GOOD, "numbers": ["tpl"]}}))
    assert "正文中没有字段“tpl”" in page.text
    assert not Line.objects.exists()
