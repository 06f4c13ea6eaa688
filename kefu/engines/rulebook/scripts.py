"""Script texts (话术): their places filled, offered by the moment of a talk, and what a centre changes of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook import policies, queries
from kefu.engines.rulebook.choices import IN_A_TALK, Moment
from kefu.engines.rulebook.models import TextCard
from kefu.kit.errors import Invalid, NotFound, Text
from kefu.kit.initials import initials
from kefu.kit.language import pick
from kefu.people import audit
from kefu.people.actor import Actor

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
GAP = "……"
# What is filled in where it is known. A place with a Chinese name is always a gap that the agent fills.
PLACES: dict[str, Text] = {
    "customer_name": _("How the customer is addressed"),
    "agent_number": _("Agent number"),
    "centre": _("Name of the centre"),
    "order_number": _("Number of the newest open order"),
    "phone": _("The customer's number"),
}
_COLUMNS = ("id", "code", "moment", "channel", "name", "name_en", "text", "text_en", "clauses", "valid", "pack")


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with its places filled; what is not known shows as a gap."""
    return PLACE.sub(lambda found: known.get(found[1]) or GAP, text)


def said(card: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """A card as it is said in the active language."""
    return filled(pick(card["text"], card["text_en"]), known)


def offered(channel: str, known: Mapping[str, str]) -> list[tuple[Text, list[dict[str, Any]]]]:
    """The texts for a talk on a channel, by moment: each with its ``title``, what is ``said``, and the first ``letters`` it is found by."""
    found: list[tuple[Text, list[dict[str, Any]]]] = []
    for one in IN_A_TALK:
        cards = [_offered(card, known) for card in queries.text_cards(one, channel)]
        if cards:
            found.append((one.label, cards))
    return found


def _offered(card: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    title, text = pick(card["name"], card["name_en"]), said(card, known)
    return {"title": title, "said": text, "letters": f"{initials(title)} {initials(text)}"}


def rows(_actor: Any, **which: int) -> list[dict[str, Any]]:
    """All texts in the order of a talk, those taken out at the end; or one (``pk``), or ``NotFound``."""
    found = [dict(row) for row in TextCard.objects.filter(**which).order_by("position", "id").values(*_COLUMNS)]
    if which and not found:
        raise NotFound()
    order = {moment.value: place for place, moment in enumerate(Moment)}
    return sorted(found, key=lambda row: (not row["valid"], order.get(row["moment"], len(order))))


def words(actor: Actor, id: int) -> Mapping[str, Any]:  # noqa: A002
    """What a text says now, to fill the form."""
    return rows(actor, pk=id)[0]


@transaction.atomic
def add(*, actor: Actor, **fields: str) -> TextCard:
    """A text of the centre's own; packs leave it alone. Raises ``Invalid`` for a place that nobody knows."""
    policies.judge(actor)
    last = int(TextCard.objects.filter(moment=fields["moment"]).aggregate(last=Max("position"))["last"] or 0)
    card = TextCard(code=f"own.{secrets.token_hex(5)}", position=last + 1)
    return _keep(actor, card, "added", _checked(fields))


def change(*, actor: Actor, id: int, **fields: str) -> TextCard:  # noqa: A002
    """Other words; from now on the text is the centre's own and packs leave it alone. Its clauses stay."""
    return _change(actor, id, "changed", lambda: {**_checked(fields), "pack": ""})


def retire(*, actor: Actor, id: int) -> TextCard:  # noqa: A002
    return _change(actor, id, "retired", lambda: {"valid": False, "pack": ""})


def restore(*, actor: Actor, id: int) -> TextCard:  # noqa: A002
    return _change(actor, id, "restored", lambda: {"valid": True})


@transaction.atomic
def _change(actor: Actor, id: int, what: str, values: Any) -> TextCard:  # noqa: A002
    policies.judge(actor)
    card = TextCard.objects.select_for_update().filter(pk=id).first()
    if card is None:
        raise NotFound()
    return _keep(actor, card, what, values())


def _keep(actor: Actor, card: TextCard, what: str, values: Mapping[str, Any]) -> TextCard:
    for name, value in values.items():
        setattr(card, name, value)
    card.save()
    audit.of_house(actor_id=actor.id, kind="rulebook.text_changed", data={"code": card.code, "name": card.name, "what": what})
    transaction.on_commit(queries.forget)
    return card


def _checked(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields without NUL; English names of places must be known ones, since a slip would stay a gap for ever."""
    found = {name: str(value).replace("\x00", "").strip() for name, value in fields.items()}
    wrong: dict[str, Text] = {}
    for name in ("text", "text_en"):
        places = PLACE.findall(found.get(name, ""))
        unknown = [one for one in places if one.isascii() and one not in PLACES and one not in _elsewhere()]
        if unknown:
            wrong[name] = _("Nothing is known as %(places)s. Known are: %(known)s.") % {
                "places": ", ".join(unknown), "known": ", ".join(PLACES),
            }  # fmt: skip
        elif found.get(name, "").count("{{") != len(places):
            wrong[name] = _("A place is a name between two pairs of braces.")
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _elsewhere() -> set[str]:
    """Names of gaps that texts of packs use."""
    texts = TextCard.objects.exclude(pack="").values_list("text", "text_en")
    return {place for pair in texts for text in pair for place in PLACE.findall(text)}
