"""Everybody can use the pages: WCAG A and AA by axe-core, light and dark, Chinese and English; and no page is wider than its screen."""

from __future__ import annotations

import json

import pytest

from tests.e2e.screens import Screen
from tests.installation import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
PAGES = {
    "linxiaoyan": [
        "/", "/desk", "/orders", "/orders?tab=all", "{order}", "{order}/do/note", "/complaints", "{complaint}", "/complaints/new",
        "/customers", "/customers/new", "{customer}", "/callbacks", "/notices", "/search?q=漏水", "/regulations", "/me",
        "/reports", "/reports/month", "/reports/day", "/compliance?regulation=004", "/compliance/R-04-3.7.1",
    ],
    "admin": [
        "/settings/units", "/settings/staff", "/settings/posts", "/settings/limits", "/settings/calendars", "/settings/packs",
        "/settings/values", "/settings/lists", "/settings/forms", "/settings/jobs",
    ],
    "": ["/sign-in", "/portal", "/portal/new", "/portal/complain", "/portal/track"],
}  # fmt: skip
PHONE_PAGES = ["/", "/orders", "{order}", "{complaint}", "/complaints", "/customers", "/notices"]


@pytest.fixture(scope="module")
def cases(centre) -> dict[str, str]:
    """The addresses of a rich order, complaint and customer of the demonstration."""
    return centre.python(
        "from kefu.cases.workorders.models import WorkOrder\n"
        "from kefu.cases.complaints.models import Complaint\n"
        "order = WorkOrder.objects.filter(state='working', content__contains='屋面').latest('pk')\n"
        "complaint = Complaint.objects.filter(severity='severe', state='judged').latest('pk')\n"
        "result = {'order': f'/orders/{order.pk}', 'complaint': f'/complaints/{complaint.pk}',"
        " 'customer': f'/customers/{order.customer_id}'}"
    )


def violations(screen: Screen) -> list[str]:
    """What axe finds on the page as it stands."""
    if not screen.page.evaluate("() => 'axe' in window"):
        screen.page.evaluate(AXE.read_text())
    found = screen.page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{one['id']}: {node['target']} {node['html'][:140]} {_why(node)}" for one in found for node in one["nodes"][:4]]


def _why(node) -> str:
    return json.dumps([check["message"] for check in [*node["any"], *node["all"], *node["none"]]][:1], ensure_ascii=False)


# Colours depend on the light, words on the language: two rounds see both of both.
@pytest.mark.parametrize(("dark", "language"), [(False, "zh-CN"), (True, "en-US")], ids=["light-zh", "dark-en"])
def test_no_page_shuts_anybody_out(guest, enter, cases, dark, language):
    found = []
    for username, pages in PAGES.items():
        screen = enter(username, dark=dark, language=language) if username else guest(dark=dark, language=language)
        for page in pages:
            screen.go(page.format(**cases))
            found += [f"{page}: {one}" for one in violations(screen)]
    assert found == [], "\n".join(found)


def test_an_open_drawer_shuts_nobody_out(enter, cases):
    manager = enter("linxiaoyan")
    manager.go(cases["order"])
    manager.open_command("supervise")
    found = violations(manager)
    assert found == [], "\n".join(found)


def test_every_page_fits_a_phone(enter, cases):
    leader = enter("linxiaoyan", phone=True)
    wide = []
    for page in PHONE_PAGES:
        leader.go(page.format(**cases))
        if leader.page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(page)
    assert wide == []
    leader.go(cases["order"])
    found = violations(leader)
    assert found == [], "\n".join(found)
