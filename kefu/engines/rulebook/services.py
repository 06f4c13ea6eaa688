"""Changes by hand: a value from a date on, a choice of the centre's own, a read receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook import loader, policies, queries
from kefu.engines.rulebook.models import CodeItem, CodeList, ReadReceipt, Regulation, Setting
from kefu.engines.rulebook.registry import Change
from kefu.engines.rulebook.sections import next_position, put
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor

Id = int


def load_pack(*, actor: Actor, pack: str) -> list[Change]:
    """Load a shipped pack in a person's name. Raises ``FaultyPack``."""
    policies.judge(actor)
    with transaction.atomic():
        changes = loader.load(pack, actor=actor)
        if changes:
            audit.of_house(actor_id=actor.id, kind="rulebook.pack_loaded", data={"pack": pack, "count": len(changes)})
    return changes


def given_value(text: str) -> Any:
    """``text`` as the value it writes: JSON where it is JSON, else the text itself."""
    try:
        return orjson.loads(text)
    except ValueError:
        return text.strip()


@transaction.atomic
def set_value(*, actor: Actor, id: Id, value: str, valid_from: datetime | None = None) -> Setting:  # noqa: A002
    """Begin a version of the setting that version ``id`` belongs to. The past is never rewritten."""
    policies.judge(actor)
    held = Setting.objects.select_for_update().filter(pk=id).first()
    if held is None:
        raise NotFound()
    start = valid_from or moment.now()
    if timezone.is_naive(start):
        start = timezone.make_aware(start)
    if valid_from is not None and start < moment.now():
        raise Invalid(fields={"valid_from": _("A value begins now or later; what was in force stays as it was.")})
    new = given_value(value)
    old = queries.setting(held.key)
    words = {"name": held.name, "name_en": held.name_en, "clauses": held.clauses}
    put(key=held.key, value=new, start=start, pack="", by_id=actor.id, **words)
    data = {"key": held.key, "before": old, "after": new, "valid_from": start.isoformat()}
    audit.of_house(actor_id=actor.id, kind="rulebook.setting_changed", data=data)
    transaction.on_commit(queries.forget)
    return Setting.objects.get(key=held.key, valid_from=start)


@transaction.atomic
def add_item(*, actor: Actor, id: Id, code: str, name: str, name_en: str = "", help: str = "") -> CodeItem:  # noqa: A002
    """A choice of the centre's own at the end of a list; packs leave it alone."""
    policies.judge(actor)
    home = CodeList.objects.select_for_update().filter(pk=id).first()
    if home is None:
        raise NotFound()
    try:
        with transaction.atomic():
            item = CodeItem.objects.create(
                code_list=home, code=code, name=name.strip(), name_en=name_en.strip(), help=help, position=next_position(home.pk)
            )
    except IntegrityError:
        raise Conflict(_("This list has a choice with that code already."), code="code_taken") from None
    _told(actor, home.code, code, "added", name)
    return item


def change_item(*, actor: Actor, id: Id, name: str, name_en: str = "", help: str = "") -> CodeItem:  # noqa: A002
    """Other words for a choice; from now on it is the centre's own and packs leave it alone."""
    return _change(actor, id, "changed", {"name": name.strip(), "name_en": name_en.strip(), "help": help, "pack": ""})


def retire_item(*, actor: Actor, id: Id) -> CodeItem:  # noqa: A002
    """Take a choice out of new cases; old ones keep showing it."""
    return _change(actor, id, "retired", {"valid": False, "pack": ""})


def restore_item(*, actor: Actor, id: Id) -> CodeItem:  # noqa: A002
    return _change(actor, id, "restored", {"valid": True})


@transaction.atomic
def _change(actor: Actor, id: Id, what: str, values: Mapping[str, Any]) -> CodeItem:  # noqa: A002
    policies.judge(actor)
    item = CodeItem.objects.select_for_update().select_related("code_list").filter(pk=id).first()
    if item is None:
        raise NotFound()
    for name, value in values.items():
        setattr(item, name, value)
    item.save(update_fields=list(values))
    _told(actor, item.code_list.code, item.code, what, item.name)
    return item


def _told(actor: Actor, list_code: str, code: str, what: str, name: str) -> None:
    data = {"list": list_code, "code": code, "what": what, "name": name}
    audit.of_house(actor_id=actor.id, kind="rulebook.list_changed", data=data)
    transaction.on_commit(queries.forget)


def item_words(actor: Actor, id: Id) -> Mapping[str, Any]:  # noqa: A002
    """What a choice says now, to fill the form."""
    return dict(CodeItem.objects.filter(pk=id).values("name", "name_en", "help").get())


def value_now(actor: Actor, id: Id) -> Mapping[str, Any]:  # noqa: A002
    """The value in force, as text, to fill the form."""
    key = Setting.objects.values_list("key", flat=True).get(pk=id)
    value = queries.setting(key)
    return {"value": value if isinstance(value, str) else orjson.dumps(value).decode()}


@transaction.atomic
def confirm_read(*, actor: Actor, id: Id) -> ReadReceipt:  # noqa: A002
    """A person has read the present version of a regulation; confirming twice is confirming once (R-00-hdr)."""
    version = Regulation.objects.filter(pk=id).values_list("version", flat=True).first()
    if version is None:
        raise NotFound()
    receipt, _made = ReadReceipt.objects.get_or_create(regulation_id=id, version=version, staff_id=actor.person_id)
    return receipt
