"""Runs beside a centre, with its settings: loads written contacts until there are so many messages. Prints one JSON object.

What runs and how the turns lie is the same in every size, as in a centre that grows older: 60 conversations wait, 140 are in hand, all
others of the last two years are closed, ten turns each; one has ``LONG`` turns. A quarter belongs to another unit.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from typing import Any

LONG, TURNS = 5_000, 10
RUNNING = (("waiting", 60), ("open", 100), ("pending", 40))
AGENTS, BATCH, MANY = 20, 5_000, 20_000
SPAN = 2 * 365 * 86_400
PREFIX = "JX"
SAID = ("您好，请问地下车库的月租车位怎样办理", "家里水管漏水，麻烦安排师傅上门", "电梯按键失灵，三号楼二单元", "装修押金什么时候可以退")
REPLIED = ("您好，带行驶证到服务中心登记即可，当日办结", "已为您安排，师傅半小时内到", "收到，已通知维保单位", "请提供收据编号，我帮您查")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    from django.conf import settings

    from kefu.people.models import Staff
    from tools.bench.guests import agent
    from tools.bench.prepare import _session

    agents = [agent(number) for number in range(AGENTS)]
    load((options.messages - LONG) // TURNS + 1, [pk for pk, _session_key in agents])
    lead = _session(Staff.objects.get(number="010").pk)
    cookies = {"agent": agents[0][1], "lead": lead}
    facts = {name: f"{settings.SESSION_COOKIE_NAME}={one}" for name, one in cookies.items()}
    print(json.dumps({**facts, **_chosen(agents[0][0])}))
    return 0


def _chosen(agent: int) -> dict[str, Any]:
    """The long conversation, and an ordinary one of the agent with the last turn but one."""
    from kefu.touch.conversations.models import Conversation, Message

    own = Conversation.objects.filter(contact__agent=agent, state="open", thread__startswith=PREFIX).order_by("contact_id")
    first, plain = own.values_list("pk", flat=True)[:2]
    after = Message.objects.filter(conversation_id=plain).order_by("-id").values_list("id", flat=True)[1]
    return {"long": first, "plain": plain, "after": after, "messages": Message.objects.order_by("-id").values_list("id", flat=True)[0]}


def load(wanted: int, agents: list[int]) -> None:
    """Bring the conversations to ``wanted``."""
    from kefu.entry.demo.bulk import aside
    from kefu.entry.demo.bulk.writer import Writer
    from kefu.timeline.models import Subject

    last = Subject.objects.filter(number__startswith=PREFIX).order_by("-number").values_list("number", flat=True).first()
    begin = int(last[len(PREFIX) :]) + 1 if last else 0
    writer = Writer()
    with writer.loading():
        if begin < wanted:
            maker = Maker(writer, agents, wanted)
            if wanted - begin >= MANY:
                aside.put(maker.names)
            for start in range(begin, wanted, BATCH):
                maker.batch(start, min(start + BATCH, wanted))
                print(f"{start:,} of {wanted:,} conversations", file=sys.stderr, flush=True)
        if aside.waits():
            aside.bring_back(lambda _reached, _of: None)


class Maker:
    """Makes and writes conversations with all their rows; the first are those that run, the very first the long one."""

    def __init__(self, writer: Any, agents: list[int], wanted: int) -> None:
        from kefu.engines.clock.models import LimitRule, Obligation
        from kefu.entry.demo.bulk.writer import Table
        from kefu.people.models import Staff
        from kefu.timeline.models import Event, Subject
        from kefu.touch.contacts.models import Contact
        from kefu.touch.conversations.models import Conversation, Message
        from tools.bench.guests import widget

        columns = {
            Subject: "id kind number title unit_path owner_id opened_at closed_at",
            Contact: "subject_id channel foreign_id agent_id received_at answered_at ended_at content outcome",
            Conversation: "contact_id account_id state thread title address last_at last_in_at last_out_at first_reply_at "
            "closed_at wrap_up",
            Message: "conversation_id account_id direction author_id at sender text reply foreign_id delivery",
            Event: "subject_id kind actor_id at data clauses",
            Obligation: "subject_id rule_id code name clauses owner_id unit_path started_at due_at state met_at frozen",
        }
        self.writer, self.agents, self.wanted, self.now = writer, agents, wanted, int(time.time())
        self.tables = {model: Table(writer, model, names) for model, names in columns.items()}
        self.names = [table.table for table in self.tables.values()]
        self.account = widget().pk
        own = Staff.objects.select_related("unit").get(pk=agents[0]).unit
        self.paths = [own.path] * 3 + [own.path[:6]]
        self.rule = LimitRule.objects.filter(code="conversation.chat_reply").values_list("pk", flat=True)[0]
        self.models = tuple(columns)

    def batch(self, begin: int, end: int) -> None:
        from django.db import transaction

        first = self.writer.reserve(end - begin)
        rows: dict[Any, list[Any]] = {model: [] for model in self.models}
        for place in range(begin, end):
            self._one(rows, place, first + place - begin)
        with transaction.atomic():
            for model, table in self.tables.items():
                table.write(table.pack(rows[model]))

    def _state(self, place: int) -> tuple[str, int]:
        """The state of a conversation and when its last turn was."""
        least = 1  # the long one is in hand
        if place < least:
            return "open", self.now - 60
        for state, count in RUNNING:
            least += count
            if place < least:
                return state, self.now - 120 - place * 500
        return "closed", self.now - 200_000 - int(SPAN * place / self.wanted)

    def _one(self, rows: dict[Any, list[Any]], place: int, pk: int) -> None:
        subject, contact, conversation, message, event, obligation = self.models
        null, stamp, json_of = self.writer.null, self.writer.stamp, self.writer.json
        state, last = self._state(place)
        turns = LONG if place == 0 else TURNS
        begun, closed = last - turns * 30, stamp(last) if state == "closed" else null
        agent = null if state == "waiting" else self.agents[place // 3 % AGENTS if place else 0]
        path, word, who = self.paths[place % 4 if place else 0], f"{PREFIX}{place:010d}", f"visitor:{place // 3:032x}"
        said = SAID[place % len(SAID)]
        rows[subject].append((pk, "contact", word, said, path, agent, stamp(begun), null))
        outcome = "settled" if state == "closed" else "open"
        rows[contact].append((pk, "chat", f"conversation:{word}", agent, stamp(begun), stamp(begun + 30), closed, said, outcome))
        replied, wrap = (null, "") if state == "waiting" else (stamp(begun + 30), "answered" if state == "closed" else "")
        rows[conversation].append((pk, self.account, state, word, said, who, stamp(last), stamp(last), replied, replied, closed, wrap))
        dice = random.Random(place)  # noqa: S311 - the same each time
        empty, cited = json_of({}), json_of([])
        for turn in range(turns):
            at = stamp(begun + turn * 30)
            if turn % 2 and agent != null:
                text = REPLIED[dice.randrange(4)] + str(turn)
                rows[message].append((pk, self.account, "out", agent, at, "", text, text, null, "sent"))
                rows[event].append((pk, "conversation.replied", agent, at, empty, cited))
            else:
                text = SAID[dice.randrange(4)] + str(turn)
                rows[message].append((pk, self.account, "in", null, at, who, text, text, f"{word}:{turn}", ""))
                rows[event].append((pk, "conversation.wrote", null, at, empty, cited))
        met = ("running", null) if state == "waiting" else ("met", stamp(begun + 30))
        rows[obligation].append(
            (pk, self.rule, "conversation.chat_reply", "在线首次响应", cited, agent, path, stamp(begun), stamp(begun + 120), *met, empty)
        )


if __name__ == "__main__":
    sys.exit(main())
