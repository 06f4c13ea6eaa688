"""Runs beside a centre, with its settings: agents who hold chats, each with the same number of visitors. Prints one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

SITE = "https://www.example.com"
KEY = "bench" * 4


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--visitors", type=int, required=True)
    parser.add_argument("--agents", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    from django.conf import settings

    agents = [agent(number) for number in range(options.agents)]
    own = widget()
    guests = [{**guest(own, number, agents[number % len(agents)][0]), "agent": number} for number in range(options.visitors)]
    cookies = [f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={'c' * 32}" for _staff, session in agents]
    print(json.dumps({"agents": cookies, "guests": guests}))
    return 0


def agent(number: int) -> tuple[int, str]:
    """A person with the post of the demonstration's agents, and a session."""
    from kefu.people.models import Holding, Staff
    from tools.bench.prepare import _session

    model = Holding.objects.select_related("staff").filter(staff__number="021").first()
    assert model is not None
    made, new = Staff.objects.get_or_create(
        number=f"B{number:04d}", defaults={"username": f"bench{number}", "name": f"坐席{number}", "unit": model.unit, "password": "!"}
    )
    if new:
        Holding.objects.create(staff=made, post=model.post, unit=model.unit)
    return made.pk, _session(made.pk)


def widget() -> Any:
    from kefu.people.models import Unit
    from kefu.touch.channels.chat.models import Widget
    from kefu.touch.contacts.choices import Channel
    from kefu.touch.conversations.models import Account

    unit = Unit.objects.filter(active=True).order_by("pk")[0]
    account, _new = Account.objects.get_or_create(channel=Channel.CHAT, address=KEY, defaults={"name": "bench", "unit": unit})
    return Widget.objects.get_or_create(account=account, defaults={"key": KEY, "sites": [SITE]})[0]


def guest(widget: Any, number: int, owner: int, text: str = "您好") -> dict[str, Any]:
    """A visitor whose chat an agent has taken; how far the widget has read."""
    from kefu.people.actor import load
    from kefu.touch.channels.chat import queries, services
    from kefu.touch.channels.chat.models import Visitor
    from kefu.touch.conversations import handling

    made = services.start(widget=widget, name="", origin=SITE, agreed=False)
    services.write(visitor=made, text=text, id=f"bench-{number:08d}")
    talk = Visitor.objects.values_list("conversation_id", flat=True).get(pk=made.pk)
    assert talk is not None
    actor = load(owner)
    assert actor is not None
    handling.take(actor=actor, id=talk)
    last = queries.seen(queries.who(made), 0)["turns"][-1]["seq"]
    return {"token": queries.token_of(made), "talk": talk, "last": last}


if __name__ == "__main__":
    sys.exit(main())
