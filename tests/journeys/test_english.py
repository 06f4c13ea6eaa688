"""Who reads English meets the English names of units and rules, wherever one is stored; who reads Chinese meets the Chinese ones."""

from urllib.parse import quote

import pytest

from kefu.cases.complaints import services as complaints
from kefu.cases.workorders import asking
from kefu.people import actor as actors
from kefu.people.models import Staff, Unit
from tests import cases

ENGLISH = {"centre": "Service centre", "repair": "Repairs", "team1": "Crew one", "cleaning": "Cleaning", "guard": "Guards"}


@pytest.fixture
def shown(cast, signed_in):
    """``shown(staff, address, "en")``: the text of a page in a language, without the course of the case, which keeps its words."""
    for code, name in ENGLISH.items():
        Unit.objects.filter(code=code).update(name_en=name)

    def show(staff, address, language="en"):
        Staff.objects.filter(pk=staff.pk).update(language=language)
        actors.forget()
        answer = signed_in(staff).get(address)
        assert answer.status_code == 200, address
        return answer.content.decode().split('class="timeline')[0]

    return show


def apart(shown, staff, address, chinese, english):
    """Whether in each language the page has its own name and not the other."""
    pages = [shown(staff, address, language) for language in ("en", "zh-hans")]
    return [(english in page, chinese in page) for page in pages] == [(True, False), (False, True)]


def test_units_on_the_lists_and_pages_of_cases(cast, shown):
    order = cases.accepted(cast)
    asking.ask_helper(actor=cast.actor(cast.crew_leader), id=order.pk, unit_id=cast.cleaning.pk, demand="请清理积水")
    complaint = cases.classed(cast)
    complaints.concern(actor=cast.actor(cast.receptionist), id=complaint.pk, unit_id=cast.guard.pk, remark="一起核查")
    for address in ("/orders?tab=all", f"/orders/{order.pk}/row"):
        page = shown(cast.dispatcher, address)
        assert ">Repairs</td>" in page
        assert ">工程部</td>" not in page
        assert ">工程部</td>" in shown(cast.dispatcher, address, "zh-hans")
    assert apart(shown, cast.dispatcher, f"/orders/{order.pk}", "<dd>工程部</dd>", "<dd>Repairs</dd>")
    assert apart(shown, cast.dispatcher, f"/orders/{order.pk}", "<strong>保洁部</strong>", "<strong>Cleaning</strong>")
    assert apart(shown, cast.dispatcher, f"/orders/{order.pk}/print", "<td>工程部</td>", "<td>Repairs</td>")
    assert apart(shown, cast.receptionist, "/complaints", ">保洁部</td>", ">Cleaning</td>")
    assert apart(shown, cast.receptionist, f"/complaints/{complaint.pk}", "<dd>保洁部</dd>", "<dd>Cleaning</dd>")
    assert apart(shown, cast.receptionist, f"/complaints/{complaint.pk}", "<dd>秩序部 ", "<dd>Guards ")


def test_units_of_people(cast, shown):
    assert apart(shown, cast.admin, "/settings/staff", ">客服中心</td>", ">Service centre</td>")
    assert apart(shown, cast.admin, f"/settings/staff/{cast.agent.pk}", "· 客服中心<br>", "· Service centre<br>")
    assert apart(shown, cast.agent, "/me", "客服中心", "Service centre")


def test_what_carries_out_a_clause(cast, shown):
    address = "/compliance?regulation=004"
    assert apart(shown, cast.manager, address, "客户投诉处理记录表", "Customer complaint handling record")
    assert apart(shown, cast.manager, f"/compliance/{quote('R-04-3.7.1')}", "严重投诉处理结果", "Result of a severe complaint")
