"""``kefu user``: the way in for the first administrator, and back in when nobody can sign in."""

import argparse
import io

from django.contrib.auth.hashers import check_password

from kefu.entry.commands import user
from kefu.people.models import Holding, Staff


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    user.arguments(parser)
    return user.run(parser.parse_args(words))


def test_an_account_from_the_command_line(cast, capsys, monkeypatch):
    assert run("add", "newbie", "--name", "新人", "--number", "777", "--unit", "centre", "--post", "agent") == 0
    made = Staff.objects.get(username="newbie")
    name, word = capsys.readouterr().out.split()
    assert name == "newbie"
    assert check_password(word, made.password)
    assert made.must_change_password
    assert run("post", "grant", "777", "unit_head", "--unit", "repair") == 0
    assert run("list") == 0
    assert "agent@客服中心" in capsys.readouterr().out
    assert run("post", "end", "newbie", "agent") == 0
    assert Holding.objects.filter(staff=made, until=None).count() == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("a-lasting-one-9\n"))
    assert run("password", "newbie", "--password") == 0
    made.refresh_from_db()
    assert check_password("a-lasting-one-9", made.password)
    assert not made.must_change_password
    assert run("unlock", "newbie") == 0
    assert run("deactivate", "newbie") == 0
    assert not Staff.objects.get(username="newbie").is_active


def test_what_does_not_fit_is_told_and_changes_nothing(cast, capsys):
    assert run("add", "newbie", "--name", "x", "--number", "021", "--unit", "centre") == 1
    assert "number" in capsys.readouterr().err
    assert run("add", "newbie", "--name", "x", "--number", "777", "--unit", "centre", "--post", "nothing") == 1
    assert run("unlock", "nobody") == 1
    assert run("deactivate", "999") == 1
    assert not Staff.objects.filter(username="newbie").exists()
