"""``kefu pack``: what is printed and the exit status."""

import pytest

from kefu.entry.cli import main
from tests.rulebook.packs import BASE, write

pytestmark = pytest.mark.django_db


def test_check_diff_load_show_list(tmp_path, capsys):
    pack = str(write(tmp_path))
    assert main(["pack", "--language", "en", "check", pack]) == 0
    assert main(["pack", "--language", "en", "diff", pack]) == 0
    assert "+ Settings voice.ring  2" in capsys.readouterr().out
    assert main(["pack", "--language", "en", "load", pack]) == 0
    assert main(["pack", "--language", "en", "load", pack]) == 0
    assert "Nothing changed" in capsys.readouterr().out
    assert main(["pack", "--language", "en", "show", pack]) == 0
    assert "2 clauses" in capsys.readouterr().out
    assert main(["pack", "--language", "en", "list"]) == 0
    assert "base" in capsys.readouterr().out


def test_a_faulty_pack_is_told_with_lines(tmp_path, capsys):
    pack = str(write(tmp_path, text=BASE.replace("value: 2, ", "", 1)))
    assert main(["pack", "--language", "en", "check", pack]) == 1
    assert "pack.yaml:9:" in capsys.readouterr().out
    assert main(["pack", "--language", "zh-hans", "load", pack]) == 1
    assert "没有加载" in capsys.readouterr().out


def test_a_stranger_cannot_load(tmp_path, capsys):
    assert main(["pack", "--language", "en", "load", str(write(tmp_path)), "--as", "nobody"]) == 1
    assert "no active person" in capsys.readouterr().out
