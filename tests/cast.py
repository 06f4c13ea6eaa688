"""The cast: a small property firm whose people play in all tests.

Company 绿洲物业
  ├─ Service centre 客服中心      Lin (manager, head), Chen 021 (agent), Wu 022 (receptionist),
  │                               He 023 (clerk: sees only the centre), Zhao 030 (dispatcher)
│                              Zhao 030 (dispatcher)
├─ Repair department 工程部      Sun (head)
│   └─ Repair team 维修一班      Qian 101 (crew leader, head), Li 102 (crew)
├─ Cleaning department 保洁部    Zhou (head): outside the repair story
└─ Guard 秩序部                  Wang 201 (any employee, no seat)
General manager Gao heads the company. Auditor Shen only reads. Admin Tang installs it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kefu.people import paths
from kefu.people.actor import Actor, load
from kefu.people.choices import Scope, UnitKind
from kefu.people.models import Holding, Post, Staff, Unit
from kefu.people.registry import rights as all_rights


@dataclass
class Cast:
    company: Unit
    centre: Unit
    repair: Unit
    team: Unit
    cleaning: Unit
    guard: Unit
    boss: Staff
    manager: Staff
    agent: Staff
    clerk: Staff
    receptionist: Staff
    dispatcher: Staff
    repair_head: Staff
    crew_leader: Staff
    crew: Staff
    cleaning_head: Staff
    employee: Staff
    auditor: Staff
    admin: Staff

    def actor(self, staff: Staff) -> Actor:
        found = load(staff.pk)
        assert found is not None
        return found


def unit(code: str, name: str, parent: Unit | None = None, kind: UnitKind = UnitKind.DEPARTMENT) -> Unit:
    made = Unit.objects.create(parent=parent, code=code, name=name, kind=kind, path=f"?{code}")
    made.path = paths.child(parent.path if parent else "", made.pk)
    made.save(update_fields=["path"])
    return made


def person(number: str, name: str, home: Unit, *posts: str) -> Staff:
    made = Staff.objects.create(username=f"u{number}", number=number, name=name, unit=home, password="!")
    for code in posts:
        Holding.objects.create(staff=made, post=Post.objects.get(code=code), unit=home)
    return made


def make_posts() -> None:
    """Posts of the stories by right prefixes. The posts that ship stand in packs/general; these are the tests' own.

    A right that a new capability declares joins by its code: add the code here to the posts that the story gives it to.
    """
    everything = {right.code for right in all_rights}
    manage = {code for code in everything if code.endswith(".manage")}
    posts = {
        "agent": (DESK, Scope.ALL),
        "clerk": (DESK, Scope.UNIT),
        "receptionist": (DESK | COMPLAINT_DESK, Scope.ALL),
        "dispatcher": (DESK | DISPATCH, Scope.ALL),
        "centre_manager": (everything - manage, Scope.ALL),
        "unit_head": (HANDLE | HEAD, Scope.BELOW),
        "unit_handler": (HANDLE, Scope.UNIT),
        "staff": (set(), Scope.OWN),
        "auditor": ({"audit.see", "reports.see", "compliance.see", "orders.see"}, Scope.ALL),
        "sysadmin": (manage, Scope.OWN),
    }
    rows = [Post(code=code, name=code, rights=sorted(rights & everything), scope=scope) for code, (rights, scope) in posts.items()]
    Post.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=["name", "rights", "scope"])


DESK = {
    "hotline.take",
    "privacy.reveal",
    "contacts.take",
    "customers.see",
    "customers.edit",
    "orders.see",
    "orders.open",
    "orders.urge",
    "complaints.see",
    "callbacks.do",
    "knowledge.see",
}
COMPLAINT_DESK = {"knowledge.write", "complaints.receive", "complaints.judge"}
DISPATCH = {"orders.dispatch", "orders.supervise", "orders.extend"}
HANDLE = {"knowledge.see", "privacy.reveal", "orders.see", "orders.handle", "complaints.see"}
HEAD = {"announcements.write", "orders.extend", "complaints.investigate", "reports.see"}


def make_cast() -> Cast:
    """All of them in few statements: thousands of tests begin with it."""
    make_posts()
    company = Unit(code="company", name="绿洲物业", kind=UnitKind.COMPANY)
    centre = Unit(code="centre", name="客服中心", parent=company)
    repair = Unit(code="repair", name="工程部", parent=company)
    team = Unit(code="team1", name="维修一班", parent=repair, kind=UnitKind.TEAM)
    cleaning = Unit(code="cleaning", name="保洁部", parent=company)
    guard = Unit(code="guard", name="秩序部", parent=company)
    units = _units(company, centre, repair, team, cleaning, guard)
    hired: dict[str, tuple[Staff, str]] = {}

    def staff(number: str, name: str, home: Unit, post: str) -> Staff:
        hired[number] = Staff(username=f"u{number}", number=number, name=name, unit=home, password="!"), post
        return hired[number][0]

    cast = Cast(
        company,
        centre,
        repair,
        team,
        cleaning,
        guard,
        boss=staff("001", "高总", company, "centre_manager"),
        manager=staff("010", "林经理", centre, "centre_manager"),
        agent=staff("021", "陈静", centre, "agent"),
        clerk=staff("023", "何文", centre, "clerk"),
        receptionist=staff("022", "吴敏", centre, "receptionist"),
        dispatcher=staff("030", "赵磊", centre, "dispatcher"),
        repair_head=staff("100", "孙工", repair, "unit_head"),
        crew_leader=staff("101", "钱师傅", team, "unit_handler"),
        crew=staff("102", "李师傅", team, "unit_handler"),
        cleaning_head=staff("300", "周主管", cleaning, "unit_head"),
        employee=staff("201", "王强", guard, "staff"),
        auditor=staff("900", "沈审计", company, "auditor"),
        admin=staff("999", "唐工", company, "sysadmin"),
    )
    Staff.objects.bulk_create([one for one, _post in hired.values()])
    posts = dict(Post.objects.values_list("code", "pk"))
    Holding.objects.bulk_create([Holding(staff=one, post_id=posts[post], unit=one.unit) for one, post in hired.values()])
    heads = {company: cast.boss, centre: cast.manager, repair: cast.repair_head, team: cast.crew_leader, cleaning: cast.cleaning_head}
    for home, head in heads.items():
        home.head = head
    Unit.objects.bulk_update(units, ["parent", "path", "head"])
    return cast


def _units(*made: Unit) -> list[Unit]:
    """Units whose parents stand before them, with the paths that their numbers give."""
    above = [one.parent for one in made]
    for one in made:
        one.parent, one.path = None, f"?{one.code}"
    Unit.objects.bulk_create(made)
    for one, parent in zip(made, above, strict=True):
        one.parent, one.path = parent, paths.child(parent.path if parent else "", one.pk)
    return list(made)
