"""Knowledge as people read and press it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.engines.measures import queries as measured
from kefu.engines.measures.period import Period
from kefu.kit.markdown import drawn
from kefu.touch.contacts.models import Contact
from kefu.touch.knowledge import handling, queries, services
from kefu.touch.knowledge.choices import Care, Domain, Reach, Sort, State
from kefu.touch.knowledge.models import Article, Reading, Use
from tests import cases
from tests.knowledge.making import BODY, approved, draft, fields


def typed(**more):
    return {name: str(value) for name, value in fields(**more).items()}


def test_an_article_is_written_submitted_approved_and_read(cast, signed_in):
    manager, boss, agent = signed_in(cast.manager), signed_in(cast.boss), signed_in(cast.agent)
    assert manager.post("/knowledge/new", typed(title="")).status_code == 422
    assert manager.post("/knowledge/new", typed()).status_code == 303
    article = Article.objects.get()
    page = f"/knowledge/{article.pk}"
    assert "<strong>行驶证</strong>" in manager.get(page).content.decode()
    assert agent.get(page).status_code == 404
    assert 'value="停车月卡怎么办理"' in manager.get(f"{page}/do/edit").content.decode()
    assert manager.post(f"{page}/do/submit").status_code == 303
    assert boss.post(f"{page}/do/approve").status_code == 422
    assert boss.post(f"{page}/do/approve", {"_confirm": "yes"}).status_code == 303
    article.refresh_from_db()
    assert article.state == State.APPROVED
    assert "停车管理办法第三条" in agent.get(page).content.decode()
    assert "停车月卡怎么办理" in agent.get("/knowledge?q=长期停车办什么卡").content.decode()
    assert "停车月卡怎么办理" in agent.get("/knowledge?domain=process").content.decode()
    assert "停车月卡怎么办理" not in agent.get("/knowledge?domain=product").content.decode()
    assert agent.post(f"{page}/do/report", {"text": "价格不对"}).status_code == 303
    assert "价格不对" in manager.get(page).content.decode()


def opened(client, address):
    return b"".join(client.get(address).streaming_content).decode()


def test_files_of_a_text_are_read_once_it_is_approved(cast, signed_in, client):
    article = draft(cast, reach=Reach.PUBLIC, category="process.service")
    manager, agent = signed_in(cast.manager), signed_in(cast.agent)
    page = f"/knowledge/{article.pk}"
    paper = SimpleUploadedFile("收费标准.txt", "月卡三百元".encode(), "text/plain")
    assert manager.post(f"{page}/do/attach", {"files": paper}).status_code == 303
    kept = article.versions.get().files[0]
    file, shown_outside = f"{page}/files/{kept}", f"/portal/help/{article.pk}/files/{kept}"
    assert opened(manager, file) == "月卡三百元"
    hidden = (agent.get(file), agent.get(f"/files/{kept}/x"), client.get(shown_outside))
    assert {one.status_code for one in hidden} == {404}
    manager.post(f"{page}/do/submit")
    signed_in(cast.boss).post(f"{page}/do/approve", {"_confirm": "yes"})
    told = agent.get(page).content.decode()
    assert "收费标准.txt" in told
    assert "办理与报修" in told
    assert "停车月卡怎么办理" in agent.get("/knowledge?category=process.service").content.decode()
    assert "停车月卡怎么办理" not in agent.get("/knowledge?category=process.after").content.decode()
    assert opened(agent, file) == "月卡三百元"
    assert "收费标准.txt" in client.get(f"/portal/help/{article.pk}").content.decode()
    assert opened(client, shown_outside) == "月卡三百元"
    manager.post(f"{page}/do/edit", typed())
    assert manager.post(f"{page}/do/detach", {"file": kept}).status_code == 303
    assert f'href="{file}"' not in manager.get(f"{page}?newest=1").content.decode()
    assert f'href="{file}"' in agent.get(page).content.decode()


def test_the_explanation_stands_beside_the_complaint(cast, signed_in):
    approved(cast, domain=Domain.EXPLANATION, reason="ignorance", title="收费标准怎么解释", source="价格公示第二条")
    client = signed_in(cast.receptionist)
    assert "价格公示第二条" in client.get("/knowledge/cards?reason=ignorance").content.decode()
    assert "收费标准怎么解释" not in client.get("/knowledge/cards?reason=malice").content.decode()
    complaint = cases.classed(cast)
    assert 'hx-get="/knowledge/cards"' in client.get(f"/complaints/{complaint.pk}/do/judge").content.decode()
    given = {"validity": "invalid", "reason": "ignorance", "basis": "收费已公示"}
    assert client.post(f"/complaints/{complaint.pk}/do/judge", given).status_code == 303
    assert "收费标准怎么解释" in client.get(f"/complaints/{complaint.pk}").content.decode()


def test_use_is_a_figure_of_the_list_and_a_measure_with_its_rows(cast, signed_in):
    article = approved(cast)
    agent = cast.actor(cast.agent)
    services.helped(actor=agent, id=article.pk)
    services.useless(actor=cast.actor(cast.dispatcher), id=article.pk)
    assert services.cite(actor=agent, source=services.label(queries.found(queries.in_force(), "停车月卡")[0]))
    period = Period.parse("2026-03")
    assert measured.total("knowledge.cited", period).value == 1
    assert measured.total("knowledge.helped", period).numerator == 1
    assert measured.total("knowledge.helped", period).denominator == 2
    client = signed_in(cast.boss)
    assert "知识目录" in client.get("/knowledge").content.decode()
    for code in ("knowledge.cited", "knowledge.helped"):
        page = client.get(f"/reports/rows?measure={code}&period=2026-03")
        assert article.subject.number in page.content.decode(), code
    assert client.get("/reports/rows?measure=announcements.read&period=2026-03").status_code == 200


def test_versions_show_what_changed(cast, signed_in):
    article = approved(cast)
    manager = signed_in(cast.manager)
    manager.post(f"/knowledge/{article.pk}/do/edit", typed(body=BODY.replace("三百", "四百")))
    told = manager.get(f"/knowledge/{article.pk}/versions").content.decode()
    assert "<ins" in told
    assert "四百元" in told
    assert "四百元" not in signed_in(cast.agent).get(f"/knowledge/{article.pk}/versions").content.decode()
    assert "四百元" in manager.get(f"/knowledge/{article.pk}?newest=1").content.decode()
    assert "四百元" not in manager.get(f"/knowledge/{article.pk}").content.decode()


def test_the_list_turns_pages_by_key_and_asks_the_same_number_of_queries(cast, signed_in, assert_queries):
    for number in range(4):
        approved(cast, title=f"第{number}篇")
    page = queries.rows(cast.actor(cast.agent), size=3)
    assert [row["title"] for row in page.rows] == ["第3篇", "第2篇", "第1篇"]
    assert [row["title"] for row in queries.rows(cast.actor(cast.agent), size=3, cursor=page.next).rows] == ["第0篇"]
    client = signed_in(cast.agent)
    client.get("/knowledge?q=第一篇")
    with assert_queries("knowledge.list"):
        client.get("/knowledge")
    with assert_queries("knowledge.search"):
        client.get("/knowledge?q=第二篇")


def test_markdown_is_drawn_without_harm():
    assert "<script" not in drawn("<script>alert(1)</script>")
    assert "href" not in drawn("[x](javascript:alert(1))")
    assert "<img" not in drawn("![x](https://example.org/t.gif)")
    assert "<table>" in drawn("|a|b|\n|-|-|\n|1|2|")


def test_the_desk_shows_answers_while_writing_and_keeps_the_source(cast, signed_in):
    article = approved(cast)
    agent = signed_in(cast.agent)
    contact = cases.call(cast)
    assert 'id="desk-hints"' in agent.get(f"/desk/{contact.pk}").content.decode()
    told = agent.post("/desk/hints", {"content": "业主问停车月卡怎么弄"}).content.decode()
    label = f"{article.subject.number} v1 停车月卡怎么办理"
    assert f'value="{label}"' in told
    assert "checked" in agent.post("/desk/hints", {"content": "停车月卡", "answer_source": label}).content.decode()
    assert label not in agent.post("/desk/hints", {"content": ""}).content.decode()
    sent = {"action": "settle", "answer": "每月三百元", "answer_source": label, "content": "停车月卡"}
    assert agent.post(f"/desk/{contact.pk}", sent).status_code == 303
    assert Contact.objects.get(pk=contact.pk).answer_source == label
    assert Use.objects.get().article_id == article.pk


def test_everybody_reads_public_answers_without_signing_in(cast, client):
    inner, public = approved(cast), approved(cast, reach=Reach.PUBLIC, title="停车月卡对外说明")
    assert "停车月卡对外说明" in client.get("/portal/help").content.decode()
    found = client.get("/portal/help?q=停车月卡").content.decode()
    assert "停车月卡对外说明" in found
    assert "停车月卡怎么办理" not in found
    assert "<strong>行驶证</strong>" in client.get(f"/portal/help/{public.pk}").content.decode()
    assert client.get(f"/portal/help/{inner.pk}").status_code == 404
    assert client.get("/portal/help?q=%00zzzz").status_code == 200


def test_the_same_over_the_api(cast, signed_in):
    manager, agent = signed_in(cast.manager), signed_in(cast.agent)
    body = {**typed()}
    made = manager.post("/api/v1/knowledge", body, content_type="application/json")
    assert made.status_code == 201, made.content.decode()
    pk = made.json()["id"]
    assert agent.get(f"/api/v1/knowledge/{pk}").status_code == 404
    assert agent.post("/api/v1/knowledge", body, content_type="application/json").status_code == 403
    assert manager.get(f"/api/v1/knowledge/{pk}").json()["allowed"] == ["edit", "attach", "submit", "withdraw"]
    assert manager.post(f"/api/v1/knowledge/{pk}/commands/submit", {}, content_type="application/json").status_code == 200
    assert signed_in(cast.boss).post(f"/api/v1/knowledge/{pk}/commands/approve", {}, content_type="application/json").status_code == 200
    assert agent.get(f"/api/v1/knowledge/{pk}").json()["version"] == 1
    assert [row["id"] for row in agent.get("/api/v1/knowledge?q=停车月卡").json()["items"]] == [pk]
    assert [row["id"] for row in agent.get("/api/v1/knowledge").json()["items"]] == [pk]
    assert signed_in(cast.employee).get("/api/v1/knowledge").status_code == 403


def test_nobody_without_the_right_reads(cast, signed_in):
    article = draft(cast)
    for person in (cast.employee, cast.admin):
        assert signed_in(person).get("/knowledge").status_code == 403
        assert signed_in(person).post(f"/knowledge/{article.pk}/do/submit").status_code == 404


def test_only_who_writes_is_asked_what_needs_looking_after(cast, signed_in):
    approved(cast)
    manager = signed_in(cast.manager).get("/knowledge?care=unused").content.decode()
    assert "停车月卡怎么办理" in manager
    assert 'name="care"' in manager
    assert "停车月卡怎么办理" not in signed_in(cast.manager).get("/knowledge?care=useless").content.decode()
    agent = signed_in(cast.agent).get("/knowledge?care=useless").content.decode()
    assert "停车月卡怎么办理" in agent
    assert 'name="care"' not in agent


def test_the_most_cited_and_the_least_helpful_lead_and_each_version_has_its_figures(cast, signed_in):
    first, second, third = (approved(cast, title=one) for one in ("停车月卡", "装修押金", "门禁卡"))
    agent, clerk, manager = cast.actor(cast.agent), cast.actor(cast.clerk), cast.actor(cast.manager)
    for article, times in ((first, 1), (second, 2)):
        for _time in range(times):
            services.answered_with(article.pk, 1)
    for actor in (agent, clerk):
        services.useless(actor=actor, id=second.pk)
    services.useless(actor=agent, id=third.pk)
    services.helped(actor=agent, id=first.pk)
    led = {sort: [row["title"] for row in queries.leading(agent, sort)] for sort in Sort}
    assert led == {"used": ["装修押金", "停车月卡"], "useless": ["装修押金", "门禁卡"]}
    assert [row["title"] for row in queries.leading(manager, Sort.USELESS, care=Care.UNUSED)] == ["门禁卡"]
    page = signed_in(cast.manager).get("/knowledge?sort=used").content.decode()
    assert page.index("装修押金") < page.index("停车月卡")
    services.edit(actor=manager, id=first.pk, **fields(title="停车月卡", body="改了"))
    assert [step.figures["cited"] for step in queries.steps(first)] == [0, 1]
    assert "答复引用 1 · 有帮助 1 · 没有帮助 0" in signed_in(cast.agent).get(f"/knowledge/{first.pk}/versions").content.decode()


def test_openings_and_offers_are_counted_by_version_in_one_batch(cast, signed_in, monkeypatch):
    article, agent, other = approved(cast), signed_in(cast.agent), signed_in(cast.receptionist)
    page = f"/knowledge/{article.pk}"
    for client in (agent, agent, other):
        assert client.get(page).status_code == 200
    for words in ("长期停车办什么卡", "长期停车办什么卡？", "与停车无关的电梯"):
        assert agent.post("/desk/hints", {"content": words}).status_code == 200
    assert not Reading.objects.exists()
    handling.write()
    assert Reading.objects.values_list("version", "opened", "offered").get() == (1, 2, 1)
    handling.write()
    handling.opened(cast.actor(cast.agent), 999_999, 1)
    monkeypatch.setattr("kefu.touch.knowledge.handling.HELD", 0.0)
    agent.get(page)
    assert Reading.objects.values_list("version", "opened", "offered").get() == (1, 3, 1)
    assert (queries.figures(article.pk)["opened"], queries.steps(article)[0].figures["offered"]) == (3, 1)
    shown = signed_in(cast.manager).get(f"{page}/versions").content.decode()
    assert "打开次数 3 · 推荐次数 1" in shown
    assert "打开次数" in agent.get("/knowledge").content.decode()
