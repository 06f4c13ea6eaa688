"""Accounts from the command line: the way in for the first administrator, and the way back in when nobody can sign in."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kefu.people.models import Staff

HELP = "accounts: add, list, password, post, deactivate, unlock"


def arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(dest="way", required=True, metavar="WHAT")
    token = ways.add_parser("token", help="make a key for another system in this person's name; shown this once")
    token.add_argument("username")
    token.add_argument("--name", default="kefu user token", help="what the key is for")
    token.add_argument("--rights", default="", help="codes of the rights it carries, with commas (default: all of the person)")
    token.add_argument("--days", type=int, default=365, help="how long it opens (default: 365)")
    add = ways.add_parser("add", help="open an account; prints a one-time password unless --password asks for one")
    add.add_argument("username")
    add.add_argument("--name", required=True)
    add.add_argument("--number", required=True, help="the agent number (工号)")
    add.add_argument("--unit", required=True, help="code of the unit")
    add.add_argument("--post", help="code of a post to give in that unit")
    add.add_argument("--password", action="store_true", help="type a lasting password")
    listed = ways.add_parser("list", help="every account with its posts")
    listed.add_argument("--closed", action="store_true")
    password = ways.add_parser("password", help="a new one-time password, or with --password a typed lasting one")
    password.add_argument("username")
    password.add_argument("--password", action="store_true", help="type a lasting password")
    post = ways.add_parser("post", help="give or end a post")
    post.add_argument("do", choices=["grant", "end"])
    post.add_argument("username")
    post.add_argument("post", help="code of the post")
    post.add_argument("--unit", help="code of the unit (default: the person's own)")
    for way, told in (("deactivate", "close an account"), ("unlock", "let an account try again after wrong passwords")):
        ways.add_parser(way, help=told).add_argument("username")


def run(options: argparse.Namespace) -> int:
    from kefu.kit.errors import KefuError

    ways = {
        "add": _add, "list": _list, "password": _password, "post": _post, "deactivate": _deactivate, "unlock": _unlock, "token": _token,
    }  # fmt: skip
    try:
        ways[options.way](options)
    except KefuError as error:
        print(error.message(), file=sys.stderr)
        for name, text in error.fields.items():
            print(f"  {name}: {text}", file=sys.stderr)
        return 1
    return 0


def staff_named(username: str) -> Staff:
    from kefu.kit.errors import NotFound
    from kefu.people.models import Staff

    found = Staff.objects.filter(username=username).first() or Staff.objects.filter(number=username).first()
    if found is None:
        raise NotFound()
    return found


def _unit(code: str) -> int:
    from kefu.kit.errors import Invalid
    from kefu.people.models import Unit

    found = Unit.objects.filter(code=code, active=True).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(fields={"unit": f"{code}?"})
    return found


def _post_id(code: str) -> int:
    from kefu.kit.errors import Invalid
    from kefu.people.models import Post

    found = Post.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        known = ", ".join(Post.objects.order_by("code").values_list("code", flat=True)) or "-"
        raise Invalid(fields={"post": f"{code}? ({known})"})
    return found


def _typed() -> str:
    """A password from the keyboard (twice), or the first line of standard input when that is no terminal."""
    from kefu.kit.errors import Invalid

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass()
    if first != getpass.getpass("Again: "):
        raise Invalid(fields={"password": "?"})
    return first


def _add(options: argparse.Namespace) -> None:
    from django.db import transaction

    from kefu.people.actor import SYSTEM
    from kefu.people.services import create_staff, grant

    unit = _unit(options.unit)
    post = _post_id(options.post) if options.post else None
    typed = _typed() if options.password else None
    with transaction.atomic():
        made, word = create_staff(
            actor=SYSTEM, number=options.number, username=options.username, name=options.name, unit=unit, password=typed
        )
        if post is not None:
            grant(actor=SYSTEM, id=made.pk, post=post, unit=unit)
    print(f"{made.username}" if typed else f"{made.username} {word}")


def _list(options: argparse.Namespace) -> None:
    from kefu.people.models import Staff
    from kefu.people.queries import holdings_of

    for staff in Staff.objects.select_related("unit").filter(is_active=not options.closed).order_by("number").iterator(500):
        posts = ", ".join(f"{one['post__code']}@{one['unit__name']}" for one in holdings_of(staff.pk))
        print(f"{staff.number}\t{staff.username}\t{staff.name}\t{staff.unit}\t{posts}")


def _password(options: argparse.Namespace) -> None:
    from django.db import transaction

    from kefu.people import credentials
    from kefu.people.actor import SYSTEM
    from kefu.people.services import reset_password, unlock

    staff = staff_named(options.username)
    if not options.password:
        print(reset_password(actor=SYSTEM, id=staff.pk))
        return
    typed = _typed()
    credentials.fitting(staff, typed, "password")
    with transaction.atomic():
        credentials.store(staff, typed)
        unlock(actor=SYSTEM, id=staff.pk)


def _post(options: argparse.Namespace) -> None:
    from kefu.kit.errors import NotFound
    from kefu.people.actor import SYSTEM
    from kefu.people.queries import holdings_of
    from kefu.people.services import end_holding, grant

    staff = staff_named(options.username)
    unit = _unit(options.unit) if options.unit else staff.unit_id
    if options.do == "grant":
        grant(actor=SYSTEM, id=staff.pk, post=_post_id(options.post), unit=unit)
        return
    held = [one["id"] for one in holdings_of(staff.pk) if one["post__code"] == options.post and one["unit_id"] == unit]
    if not held:
        raise NotFound()
    end_holding(actor=SYSTEM, id=staff.pk, holding=held[0])


def _deactivate(options: argparse.Namespace) -> None:
    from kefu.people.actor import SYSTEM
    from kefu.people.services import deactivate

    deactivate(actor=SYSTEM, id=staff_named(options.username).pk)


def _unlock(options: argparse.Namespace) -> None:
    from kefu.people.actor import SYSTEM
    from kefu.people.services import unlock

    unlock(actor=SYSTEM, id=staff_named(options.username).pk)


def _token(options: argparse.Namespace) -> None:
    from kefu.kit.errors import NotAllowed
    from kefu.people.actor import load
    from kefu.people.services import make_token

    actor = load(staff_named(options.username).pk)
    if actor is None:
        raise NotAllowed()
    rights = [code.strip() for code in options.rights.split(",") if code.strip()] or sorted(actor.rights)
    print(make_token(actor=actor, name=options.name, rights=rights, days=options.days)[1])
