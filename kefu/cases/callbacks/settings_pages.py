"""The settings of callbacks: the rules, each in words, with what it finds."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kefu.cases.callbacks import policies, schemas, settings
from kefu.cases.callbacks.declares import RULE_COMMANDS
from kefu.cases.callbacks.models import CallbackRule
from kefu.engines.filters import rule_form
from kefu.engines.filters.words import in_words
from kefu.kit import http
from kefu.kit.command_pages import command_urls
from kefu.kit.language import pick
from kefu.people.http import Request, staff_page
from kefu.people.queries import post_codes
from kefu.timeline.queries import of_settings
from kefu.timeline.registry import subject_kinds

RULES = "/settings/callback-rules"


@require_safe
@staff_page(*policies.SETTINGS)
def rules(request: Request) -> HttpResponse:
    """The rules in the order in which they are asked."""
    rows = [
        {"row": row, "kind": subject_kinds[row.subject_kind].name, "words": in_words(row.condition, rule_form.tested(row.subject_kind))}
        for row in CallbackRule.objects.order_by("subject_kind", "position", "code")
    ]
    kinds = [(code, subject_kinds[code].name) for code in settings.kinds()]
    context = {"rows": rows, "kinds": kinds, "posts": dict(post_codes()), "events": of_settings((settings.RULE,))}
    return http.page(request, "callbacks/rules.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(*policies.SETTINGS)
def rule(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """One rule; without an id a new one for the kind of case in ``?of=``."""
    row = settings.rule_by_id(id) if id is not None else None
    asked = request.GET.get("of", "")
    kind = row.subject_kind if row else asked if asked in settings.kinds() else "workorder"

    def keep(**values: object) -> None:
        settings.keep_rule(actor=request.actor, id=id, subject_kind=kind, **values)  # type: ignore[arg-type]

    names = ("name", "name_en", "post", "position", "active")
    form = rule_form.RuleForm(
        title=pick(row.name, row.name_en) if row else _("New callback rule"),
        schema=schemas.CallbackRuleIn,
        kind=kind,
        keep=keep,
        back_url=RULES,
        tree=row.condition if row else None,
        values={"percent": round(row.share * 100), **{name: getattr(row, name) for name in names}} if row else {},
    )
    context = {
        "row": row,
        "list_title": _("Callback rules"),
        "commands": RULE_COMMANDS.pick(RULE_COMMANDS.allowed(request.actor, row.pk)) if row else [],
        "events": of_settings((settings.RULE,), row.code) if row else [],
    }
    return rule_form.answer(request, form, "filters/rule.html", context)


urlpatterns = [
    path("settings/callback-rules", rules, name="callback-rules"),
    path("settings/callback-rules/new", rule, name="callback-rule-new"),
    path("settings/callback-rules/<int:id>", rule, name="callback-rule"),
    *command_urls(RULE_COMMANDS, "settings/callback-rules", "callback-rule", lambda _id: RULES),
]
