"""What was stored of letters in the language of the house becomes a sentence that each reader has in his own (kit.sentences)."""

import json
import re

from django.db import migrations

MARK = "\x1e"
GIVEN_UP = "Given up after %(hours)d hours. The server said: %(why)s"
NOBODY_LEFT = "Nobody is left whom it could be sent to."
NO_ADDRESS = "This is no address that a letter can be sent to: %(address)s"
NO_COPY = "No copy went to %(whom)s: %(why)s"
LEFT_THERE = "%(size)s MB; it lies on the server in the folder %(folder)s with the number %(uid)s"
PASSED_ON, FLOOD = "%(hops)d servers have passed it on", "%(most)d automatic answers came within an hour"
LETTERS = (
    (GIVEN_UP, r"Given up after (?P<hours>\d+)(?:\.0)? hours\. The server said: (?P<why>.*)"),
    (GIVEN_UP, r"已重试(?P<hours>\d+)(?:\.0)?小时，停止发送。服务器提示：(?P<why>.*)"),
    (NOBODY_LEFT, r"Nobody is left whom it could be sent to\."),
    (NOBODY_LEFT, r"已无可发送的收件人。"),
    (NO_ADDRESS, r"This is no address that a letter can be sent to: (?P<address>.*)"),
    (NO_ADDRESS, r"该地址无法发送邮件：(?P<address>.*)"),
    (NO_COPY, r"No copy went to (?P<whom>[^:]+): (?P<why>.*)"),
    (NO_COPY, r"以下抄送未送达：(?P<whom>[^:]+): (?P<why>.*)"),
)
KEPT = (
    (LEFT_THERE, r"(?P<size>[\d.]+) MB; it lies on the server in the folder (?P<folder>.*) with the number (?P<uid>\d+)"),
    (LEFT_THERE, r"(?P<size>[\d.]+) MB；邮件仍在服务器文件夹(?P<folder>.*)中，编号(?P<uid>\d+)"),
    ("It is empty", r"empty"),
    ("It has no header as letters have", r"no header: this is no e-mail message"),
    ("It is larger than %(size)d MB", r"larger than (?P<size>\d+) MB"),
    (PASSED_ON, r"(?P<hops>\d+) servers have passed it on"),
    ("It was sent by this mailbox itself", r"it was sent by this mailbox itself"),
    (FLOOD, r"(?P<most>\d+) automatic answers within an hour"),
)
NUMBERS = re.compile(r"%\((\w+)\)d")


def kept(said, patterns):
    """The stored form of a sentence that is known; None for all else."""
    for text, pattern in patterns:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            numbers = set(NUMBERS.findall(text))
            places = {name: int(value) if name in numbers else value for name, value in found.groupdict().items()}
            told = MARK + json.dumps([[text, places]], ensure_ascii=False, separators=(",", ":"))
            return told if len(told) <= 500 else None
    return None


def _write(rows, column, patterns):
    for pk, said in rows.exclude(**{column: ""}).exclude(**{f"{column}__startswith": MARK}).values_list("pk", column).iterator():
        told = kept(said, patterns)
        if told:
            rows.model.objects.filter(pk=pk).update(**{column: told})


def forward(apps, _editor):
    _write(apps.get_model("conversations", "Message").objects.filter(account__channel="email", direction="out"), "trouble", LETTERS)
    _write(apps.get_model("email", "Quarantined").objects.all(), "detail", KEPT)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0008_partly"), ("email", "0004_recipients")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
