"""Who may do what to packs, settings, lists and regulations."""

from __future__ import annotations

from kefu.engines.rulebook.models import CodeItem, CodeList, ReadReceipt, Regulation, Setting, TextCard
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor

MANAGE = "settings.manage"
READERS = (MANAGE, "compliance.see", "audit.see")


def judge(actor: Actor) -> None:
    """Raises ``NotAllowed`` for a person who may not change settings; the system may."""
    actor.require(MANAGE)


def allowed_setting(actor: Actor, setting_id: int) -> set[str]:
    """``setting_id`` is any version of the value. Raises ``NotFound``."""
    if not actor.can(MANAGE) or not Setting.objects.filter(pk=setting_id).exists():
        raise NotFound()
    return {"set"}


def allowed_list(actor: Actor, list_id: int) -> set[str]:
    if not actor.can(MANAGE) or not CodeList.objects.filter(pk=list_id).exists():
        raise NotFound()
    return {"add"}


def allowed_item(actor: Actor, item_id: int) -> set[str]:
    valid = CodeItem.objects.filter(pk=item_id).values_list("valid", flat=True).first() if actor.can(MANAGE) else None
    if valid is None:
        raise NotFound()
    return {"change", "retire"} if valid else {"change", "restore"}


def allowed_text(actor: Actor, text_id: int) -> set[str]:
    valid = TextCard.objects.filter(pk=text_id).values_list("valid", flat=True).first() if actor.can(MANAGE) else None
    if valid is None:
        raise NotFound()
    return {"change", "retire"} if valid else {"change", "restore"}


def allowed_regulation(actor: Actor, regulation_id: int) -> set[str]:
    """Everybody may confirm to have read the present version, once."""
    version = Regulation.objects.filter(pk=regulation_id).values_list("version", flat=True).first()
    if version is None:
        raise NotFound()
    if actor.id is None or ReadReceipt.objects.filter(regulation_id=regulation_id, version=version, staff_id=actor.id).exists():
        return set()
    return {"read"}
