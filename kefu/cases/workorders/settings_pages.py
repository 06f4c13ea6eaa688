"""The settings of orders: the tree of types, dispatch rules with their preview and a test, dated prices."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kefu.cases.workorders import policies, queries, routing, schemas, settings
from kefu.cases.workorders.choices import CallbackRule, TypeKind, Urgency
from kefu.cases.workorders.declares import DISPATCH_RULE, ORDER_TYPE, PRICE
from kefu.cases.workorders.models import DispatchRule, OrderType, Price
from kefu.cases.workorders.services import facts_of
from kefu.engines.filters import rule_form
from kefu.engines.filters.words import in_words
from kefu.engines.rulebook.queries import code_items
from kefu.kit import flash, http, moment
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import NotFound
from kefu.kit.fields import Field
from kefu.kit.language import named, pick
from kefu.people.http import Request, staff_page
from kefu.people.models import Unit
from kefu.people.page_forms import ask
from kefu.timeline.queries import of_settings
from kefu.touch.contacts.choices import Channel

BOTH = require_http_methods(["GET", "POST"])
TYPES, RULES, PRICES = "/settings/order-types", "/settings/dispatch-rules", "/settings/prices"


@require_safe
@staff_page(*policies.SETTINGS)
def types(request: Request) -> HttpResponse:
    """The tree of types with what each carries."""
    units = dict(Unit.objects.filter(active=True).values_list("code", "name"))
    context = {
        "rows": [
            {"row": row, "depth": row.path.count("/"), "unit": units.get(row.default_unit)} for row in queries.order_types(active=False)
        ],
        "words": {**dict(TypeKind.choices), **dict(Urgency.choices), **dict(CallbackRule.choices)},
        "events": of_settings((settings.TYPE,), request.GET.get("code", "")[:60]),
    }
    return http.page(request, "workorders/types.html", context)


@BOTH
@staff_page(*policies.SETTINGS)
def type_new(request: Request) -> HttpResponse:
    def run(**values: Any) -> HttpResponse:
        settings.add_type(actor=request.actor, **values)
        return flash.tell(http.go(request, TYPES), _("Saved."))

    above = OrderType.objects.filter(code=request.GET.get("below", "")).first()
    values = (
        {"parent": above.code, "code": f"{above.code}.", **settings.type_values(request.actor, above.pk), "name": "", "name_en": ""}
        if above
        else {}
    )
    return ask(request, _("New order type"), run, schema=schemas.NewOrderType, values=values, back_url=TYPES, submit=_("Create"))


@require_safe
@staff_page(*policies.SETTINGS)
def prices(request: Request) -> HttpResponse:
    """Each price with the row in force and the one that is planned."""
    at = moment.now()
    found: dict[str, dict[str, Any]] = {}
    for row in Price.objects.order_by("order_type", "code", "valid_from", "id"):
        one = found.setdefault(row.code, {"now": None, "next": None, "last": row})
        one["last"] = row
        if row.valid_from > at:
            one["next"] = one["next"] or row
        elif row.valid_to is None or row.valid_to > at:
            one["now"] = row
    names = {row.code: pick(row.name, row.name_en) for row in queries.order_types(active=False)}
    context = {"rows": list(found.values()), "types": names, "events": of_settings((settings.PRICE,))}
    return http.page(request, "workorders/prices.html", context)


@require_safe
@staff_page(*policies.SETTINGS)
def price_one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """All rows of one price."""
    code = Price.objects.filter(pk=id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound()
    rows = list(Price.objects.filter(code=code).order_by("-valid_from", "-id"))
    context = {
        "rows": rows,
        "at": moment.now(),
        "commands": PRICE.pick(PRICE.allowed(request.actor, id)),
        "events": of_settings((settings.PRICE,), code),
    }
    return http.page(request, "workorders/price.html", context)


@BOTH
@staff_page(*policies.SETTINGS)
def price_new(request: Request) -> HttpResponse:
    def run(**values: Any) -> HttpResponse:
        settings.add_price(actor=request.actor, **values)
        return flash.tell(http.go(request, PRICES), _("Saved."))

    return ask(request, _("New price"), run, schema=schemas.NewPrice, back_url=PRICES, submit=_("Create"))


@require_safe
@staff_page(*policies.SETTINGS)
def rules(request: Request) -> HttpResponse:
    """The rules in the order in which they are asked, each in words; beside them the test: which unit would this order go to?"""
    fields = rule_form.tested(queries.KIND)
    rows = [
        {"row": row, "words": in_words(row.condition, fields)}
        for row in DispatchRule.objects.select_related("unit").order_by("position", "code")
    ]
    context = {"rows": rows, "asked": _question(request), "events": of_settings((settings.RULE,)), **_answer(request)}
    return http.page(request, "workorders/dispatch_rules.html", context)


def _question(request: Request) -> list[Field]:
    given = request.GET
    kinds = [(row.code, "\u3000" * row.path.count("/") + pick(row.name, row.name_en)) for row in queries.order_types()]
    regions = [(item["code"], named(item)) for item in code_items("region_classes")]
    return [
        Field("order", _("Order number"), value=given.get("order", ""), placeholder=_("or describe one:")),
        Field("type", _("Type"), "select", value=given.get("type"), choices=kinds),
        Field("urgency", _("Urgency"), "select", value=given.get("urgency"), choices=Urgency.choices),
        Field("channel", _("Channel"), "select", value=given.get("channel"), choices=Channel.choices),
        *([Field("region", _("Region class"), "select", value=given.get("region"), choices=regions)] if regions else []),
        Field("area", _("Area"), value=given.get("area", "")),
        Field("address", _("Address"), value=given.get("address", "")),
        Field("content", _("Content"), value=given.get("content", "")),
    ]


def _answer(request: Request) -> dict[str, Any]:
    """Where the order that was asked about would go, and every rule that matches it."""
    facts = _asked_facts(request)
    if facts is None:
        return {"choice": None, "matching": [], "was_asked": False}
    choice = routing.unit_for(facts)
    return {"choice": choice, "matching": routing.proposals(facts), "was_asked": True}


def _asked_facts(request: Request) -> dict[str, Any] | None:
    given = request.GET
    if number := given.get("order", "").strip():
        order = queries.visible_to(request.actor).select_related("type", "customer", "unit").filter(subject__number=number.upper()).first()
        if order is None:
            raise NotFound(_("You see no order with this number."))
        return facts_of(order)
    kind = OrderType.objects.filter(code=given.get("type", "")).first()
    if kind is None:
        return None
    said = {name: given.get(name, "").strip() for name in ("channel", "region", "area", "address", "content")}
    return {
        **said, "type": kind.code, "type_kind": kind.kind, "category": kind.path, "paid": kind.paid, "key_account": False, "unit": "",
        "urgency": given.get("urgency") or kind.urgency,
    }  # fmt: skip


@BOTH
@staff_page(*policies.SETTINGS)
def rule(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """One rule: what it says, what it finds, and its form; without an id a new one."""
    row = settings.rule_by_id(id) if id is not None else None

    def keep(**values: Any) -> None:
        settings.keep_rule(actor=request.actor, id=id, **values)

    form = rule_form.RuleForm(
        title=pick(row.name, row.name_en) if row else _("New dispatch rule"),
        schema=schemas.DispatchRuleIn,
        kind=queries.KIND,
        keep=keep,
        back_url=RULES,
        tree=row.condition if row else None,
        values={name: getattr(row, name) for name in ("name", "name_en", "unit_id", "position", "active")} if row else {},
    )
    commands = DISPATCH_RULE.pick(DISPATCH_RULE.allowed(request.actor, row.pk)) if row else []
    context = {
        "row": row,
        "list_title": _("Dispatch rules"),
        "commands": commands,
        "events": of_settings((settings.RULE,), row.code) if row else [],
    }
    return rule_form.answer(request, form, "filters/rule.html", context)


def _back(url: str) -> Any:
    return lambda _id: url


urlpatterns = [
    path("settings/order-types", types, name="order-types"),
    path("settings/order-types/new", type_new, name="order-type-new"),
    *command_urls(ORDER_TYPE, "settings/order-types", "order-type", _back(TYPES)),
    path("settings/prices", prices, name="prices"),
    path("settings/prices/new", price_new, name="price-new"),
    path("settings/prices/<int:id>", price_one, name="price"),
    *command_urls(PRICE, "settings/prices", "price", _back(PRICES)),
    path("settings/dispatch-rules", rules, name="dispatch-rules"),
    path("settings/dispatch-rules/new", rule, name="dispatch-rule-new"),
    path("settings/dispatch-rules/<int:id>", rule, name="dispatch-rule"),
    *command_urls(DISPATCH_RULE, "settings/dispatch-rules", "dispatch-rule", _back(RULES)),
]
