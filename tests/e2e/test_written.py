"""Fax and SMS as people meet them: set up by the administrator, arrived by the real way in, worked by an agent, led by a lead."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import time
import urllib.request
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.fax.test_faxes import paper
from tests.installation import wait_for
from tests.sms.makers import gateway, recipe


def saved(screen) -> None:
    screen.page.locator("main button[type=submit]").click()
    screen.page.wait_for_url(lambda url: not urlsplit(url).path.endswith("/new"))


def taken(screen, title: str) -> None:
    """Take what waits in the inbox under this title."""
    row = screen.page.locator("main table a", has_text=title)

    def there() -> bool:
        screen.go("/inbox?tab=waiting")
        return row.count() > 0

    wait_for(there, seconds=60)
    row.first.click()
    screen.page.wait_for_url(re.compile(r"/inbox/\d+$"))
    screen.command("take")


def test_a_fax_lies_beside_the_form_of_the_order(enter, tmp_path):
    admin = enter("admin")
    admin.go("/settings/fax/new")
    admin.fill({"name": "传真", "address": "0571-87654321", "folder": str(tmp_path / "nowhere")})
    admin.page.locator("[name=unit_id]").select_option(index=1)
    admin.page.locator("main button[type=submit]").click()
    admin.expects("没有该文件夹")
    admin.fill({"folder": str(tmp_path)})
    saved(admin)

    arrived = tmp_path / "fax-057112345678-1.tif"
    arrived.write_bytes(paper(2))
    os.utime(arrived, (time.time() - 60, time.time() - 60))
    agent = enter("chenjing")
    taken(agent, "传真2页")
    pages = agent.page.locator("main article img")
    expect(pages).to_have_count(2)
    agent.page.locator("a[data-key=o]").click()
    agent.page.wait_for_url(re.compile(r"/desk/\d+"))
    beside = agent.page.locator("main img[src*='page-']")
    expect(beside).to_have_count(2)
    assert beside.first.evaluate("one => one.complete && one.naturalWidth > 0")


def signed(url: str, rows: list[dict[str, str]]) -> bytes:
    """What the gateway posts, signed as its description says."""
    body, now = json.dumps({"list": rows}), str(int(time.time()))
    sign = hmac.new(b"top secret", f"{now}{body}".encode(), hashlib.sha256).hexdigest()
    head = {"Content-Type": "application/json", "X-Time": now, "X-Sign": sign}
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), head), timeout=20) as answer:
        return answer.read()


def test_a_text_is_answered_and_its_way_seen(centre, enter):
    with gateway() as there:
        admin = enter("admin")
        admin.go("/settings/sms/new")
        admin.fill({"name": "短信", "address": "1069012345", "signature": "绿洲物业", "key": "app", "secret": "top secret"})
        admin.page.locator("[name=unit_id]").select_option(index=1)
        admin.page.locator("[name=recipe]").fill("{")
        admin.page.locator("main button[type=submit]").click()
        admin.expects("不是有效的JSON")
        admin.fill({"recipe": json.dumps(recipe(there.port)), "secret": "top secret"})
        saved(admin)
        if "/sms/" not in (admin.page.locator("main").text_content() or ""):
            admin.page.locator("main table a", has_text="短信").first.click()
        hook = re.search(r"/sms/[\w-]{20,}/", admin.page.content())
        assert hook

        row = {"id": "A1", "from": "13800004321", "text": "楼道灯坏了三天没人修"}
        for _again in range(2):
            signed(f"{centre.url}{hook[0]}arrived", [row])
        agent = enter("chenjing")
        taken(agent, "楼道灯坏了三天没人修")
        agent.expects("138****4321")
        agent.page.locator("#reply-text").fill("您好，电工今天下午到。")
        agent.page.locator("#composer button.btn-primary").click()
        answer = agent.page.locator("article[data-turn=out]", has_text="电工今天下午到")
        wait_for(lambda: there.taken)
        assert [(one["to"], one["text"]) for one in there.taken] == [("8613800004321", "【绿洲物业】您好，电工今天下午到。")]
        assert signed(f"{centre.url}{hook[0]}receipts", [{"id": "G1", "status": "DELIVRD"}]) == b"SUCCESS"
        expect(answer).to_contain_text("已送达")

    agent.page.locator("#own-state summary").click()
    agent.page.locator("#own-state button", has_text="就绪").click()
    lead = enter("linxiaoyan")
    lead.go("/floor")
    lead.expects("陈静")
    lead.go(agent.path)
    lead.command("take_over")
    expect(agent.page.locator("main")).to_contain_text("林晓燕")
    lead.page.locator("#reply-text").fill("我是主管，灯修好后我会再联系您。")
    lead.page.locator("#composer button.btn-primary").click()
    expect(agent.page.locator("article[data-turn=out]", has_text="我是主管")).to_have_count(1)
