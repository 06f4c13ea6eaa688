"""Question sets of different nature, made by rules from ``knowledge/topics.txt``; all text is our own."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent / "knowledge"
CONFUSED = str.maketrans("账帐登燃报缴收费退电停装押业改换卡预", "帐账等然抱交受废推店庭庄压叶该唤咔豫")
OPENERS = ("请问一下", "你好，", "麻烦问下", "我想咨询", "", "师傅，", "急，", "有个问题，")
CLOSERS = ("谢谢", "？", "怎么办", "呢", "请尽快回复我", "", "应该找谁")
ENGLISH = {
    "停车": "parking",
    "电梯": "lift",
    "发票": "invoice",
    "退款": "refund",
    "充值": "top-up",
    "账单": "bill",
    "转账": "transfer",
    "密码": "PIN",
}


class Article(NamedTuple):
    id: str
    text: str


class Question(NamedTuple):
    text: str
    relevant: list[str]


class Topic(NamedTuple):
    domain: str
    things: list[str]
    title: str
    body: str
    key: str
    spoken: str
    other: str


def topics() -> list[Topic]:
    found, domain, things = [], "", [""]
    for line in (HERE / "topics.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            domain, *things = line[1:].split()
        elif line and not line.startswith("#"):
            found.append(Topic(domain, things, *line.split("|")))
    return found


def model(place: int, thing: str) -> str:
    """The form, model or contract number of an article."""
    return f"{'ABKHWX'[place % 6]}{'QTRZ'[place % 4]}-{100 + place * 37 % 900}{thing and chr(65 + len(thing))}"


def articles() -> tuple[list[Article], dict[tuple[str, str], str]]:
    """Every topic for every thing; a third of them long, by the other topics' words of the same domain."""
    draw, made, ids = random.Random(7), [], {}  # noqa: S311 - the same questions each time
    known = topics()
    for place, topic in enumerate(known):
        for number, thing in enumerate(topic.things):
            pk = f"{topic.domain}-{place:02d}-{number}"
            body = topic.body.replace("{e}", thing).replace("{n}", str(draw.randint(2, 9))).replace("{m}", str(draw.randint(2, 30)))
            text = f"{topic.title}（{thing}）\n{body}编号{model(place * 5 + number, thing)}。"
            if draw.random() < 0.33:
                near = draw.sample([one for one in known if one.domain == topic.domain and one is not topic], draw.randint(1, 4))
                text += "".join(
                    f"\n另见{one.title}：{one.body.replace('{e}', thing).replace('{n}', '五').replace('{m}', '十')}" for one in near
                )
            made.append(Article(pk, text))
            ids[topic.title, thing] = pk
    return made, ids


def _typed(text: str, draw: random.Random) -> str:
    """A text with slips: signs confused, one left out, two turned round."""
    signs = list(text)
    for _slip in range(max(1, len(signs) // 9)):
        at = draw.randrange(len(signs) - 1)
        way = draw.randrange(3)
        if way == 0:
            signs[at] = signs[at].translate(CONFUSED)
        elif way == 1:
            del signs[at]
        else:
            signs[at], signs[at + 1] = signs[at + 1], signs[at]
    return "".join(signs)


def sets() -> dict[str, tuple[list[Article], list[Question]]]:
    """Name of the set -> documents and questions."""
    docs, ids = articles()
    draw = random.Random(11)  # noqa: S311 - the same questions each time
    made: dict[str, list[Question]] = {
        name: [] for name in ("keywords", "spoken", "other words", "slips", "numbers", "mixed", "topic alone")
    }
    for place, topic in enumerate(topics()):
        for number, thing in enumerate(topic.things):
            pk = [ids[topic.title, thing]]
            if (place + number) % 2:
                made["keywords"].append(Question(f"{thing} {topic.key}", pk))
                made["slips"].append(Question(_typed(topic.other.replace("{e}", thing) + topic.key.split()[0], draw), pk))
            else:
                asked = draw.choice(OPENERS) + topic.spoken.replace("{e}", thing) + draw.choice(CLOSERS)
                made["spoken"].append(Question(asked, pk))
                made["other words"].append(Question(topic.other.replace("{e}", thing), pk))
            if number == place % len(topic.things):
                told = model(place * 5 + number, thing)
                made["numbers"].append(
                    Question(draw.choice([told, f"{told}是什么", told.replace("-", ""), f"表单{told.lower()}在哪里下载"]), pk)
                )
                made["mixed"].append(Question(_english(f"{topic.key} {thing}怎么办"), pk))
        every = [ids[topic.title, thing] for thing in topic.things]
        made["topic alone"] += [Question(topic.title, every), Question(topic.spoken.replace("{e}", ""), every)]
    return {name: (docs, questions) for name, questions in made.items()} | {"by hand": by_hand()}


def _english(text: str) -> str:
    for chinese, english in ENGLISH.items():
        text = text.replace(chinese, f"{chinese} {english}", 1)
    return text


def by_hand() -> tuple[list[Article], list[Question]]:
    """The set in ``by_hand.txt``: a document a paragraph, its questions below it with ``?``."""
    docs: list[Article] = []
    asked: list[Question] = []
    for number, part in enumerate((HERE / "by_hand.txt").read_text(encoding="utf-8").split("\n\n")):
        lines = [line for line in part.splitlines() if line]
        docs.append(Article(f"h{number}", "\n".join(line for line in lines if not line.startswith("?"))))
        asked += [Question(line[1:].strip(), [f"h{number}"]) for line in lines if line.startswith("?")]
    return docs, asked
