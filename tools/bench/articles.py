"""Runs beside a centre, with its settings: very many articles, and an agent who has chats whose visitors ask. Prints one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from tools.bench import questions

_BATCH = 1000
_NUMBER = "ZS20200101"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    from django.conf import settings

    from tools.bench.guests import agent

    fill(options.articles)
    staff, session = agent(0)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={'c' * 32}"
    print(json.dumps({"cookie": cookie, "talks": [_talk(staff, number, text) for number, text in enumerate(whole())]}))
    return 0


def whole() -> list[str]:
    """Whole questions of three kinds."""
    return [one.text for name in ("spoken", "keywords", "mixed") for one in questions.sets()[name][1][:20]]


def typed() -> list[str]:
    """The same questions as they are while somebody types them, from two signs on."""
    return [text[:end] for text in whole() for end in range(2, len(text) + 1, 2)]


def many(number: int) -> list[questions.Article]:
    """``number`` articles: those of the question sets again and again, each time for another area."""
    docs, _ids = questions.articles()
    return [questions.Article(f"{place}", f"{docs[place % len(docs)].text}适用{place // len(docs)}号区域。") for place in range(number)]


def fill(number: int) -> None:
    """Bring the approved articles made here to ``number``."""
    from kefu.timeline.models import Subject

    docs = many(number)
    for start in range(Subject.objects.filter(kind="article", number__startswith=_NUMBER).count(), number, _BATCH):
        _write(start, docs[start : start + _BATCH])


def _write(start: int, docs: list[questions.Article]) -> None:
    from datetime import date

    from django.db import transaction

    from kefu.engines.search import services as search
    from kefu.kit import moment
    from kefu.timeline.models import Subject
    from kefu.touch.knowledge.models import Article, ArticleVersion

    rows = [(f"{_NUMBER}{place:08d}", *one.text.split("\n", 1)) for place, one in enumerate(docs, start)]
    with transaction.atomic():
        made = Subject.objects.bulk_create(
            Subject(kind="article", number=number, title=title, opened_at=moment.now()) for number, title, _body in rows
        )
        dates = {"valid_from": date(2020, 1, 1), "valid_until": date(2099, 1, 1)}
        Article.objects.bulk_create(Article(subject=one, domain="process", state="approved", in_force=1, **dates) for one in made)
        ArticleVersion.objects.bulk_create(
            ArticleVersion(article_id=one.pk, number=1, title=title, body=body) for one, (_no, title, body) in zip(made, rows, strict=True)
        )
        search.index_many(
            search.Document(one.pk, "article", title, body, number, ranked=True)
            for one, (number, title, body) in zip(made, rows, strict=True)
        )


def _talk(staff: int, number: int, text: str) -> dict[str, Any]:
    """A chat that the agent has, and the turn before the visitor's question."""
    from kefu.touch.conversations.models import Message
    from tools.bench.guests import guest, widget

    made = guest(widget(), 500_000 + number, staff, text)
    asked = Message.objects.filter(conversation_id=made["talk"]).order_by("id").values_list("id", flat=True)[0]
    return {"talk": made["talk"], "after": asked - 1}


if __name__ == "__main__":
    sys.exit(main())
