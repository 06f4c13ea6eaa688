"""Texts that are found best first, by whole questions."""

import json

import pytest

from kefu.engines.search import cut, queries, ranked, ranking, services, words
from kefu.engines.search.models import RankedPlace, RankedPosting
from kefu.entry import cli
from kefu.timeline.models import Subject
from tools.bench import baselines, questions

KIND = "ranked-test"
TEXTS = (
    "停车月卡每月三百元，带行驶证到客服中心登记。",
    "电梯困人请按红色报警按钮，维保单位三十分钟内到场。",
    "装修押金在验收合格三十日后原路退回。",
    "壁挂炉显示 E1 是点火失败，型号 KX-2000B 先看燃气余额。",
)


def put(texts=TEXTS, kind=KIND, start=0):
    made = [Subject.objects.create(kind=kind, number=f"{kind}{start + at}") for at in range(len(texts))]
    services.index_many(services.Document(one.pk, kind, "", hidden=text, ranked=True) for one, text in zip(made, texts, strict=True))
    return [one.pk for one in made]


def found(text, **more):
    return [pk for pk, _score in queries.best(text=text, **more)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("请问我想长期停车要带什么材料去哪里办呢", 0),
        ("被关在电梯里面怎么办", 1),
        ("押金什么时候退给我", 2),
        ("装修压金退回", 2),
        ("e1", 3),
        ("kx2000b", 3),
        ("KX-2000B点火失败", 3),
    ],
)
def test_the_best_answer_comes_first(question, place):
    ids = put()
    assert found(question)[0] == ids[place]


@pytest.mark.django_db
def test_nothing_in_common_finds_nothing():
    put()
    assert found("zzz") == []
    assert found("？！") == []
    assert found("") == []
    assert found("\x00" * 30) == []


@pytest.mark.django_db
def test_an_empty_store_finds_nothing():
    assert found("停车") == []


@pytest.mark.django_db
def test_a_changed_text_is_found_by_its_new_words_only():
    ids = put()
    services.index(subject_id=ids[0], kind=KIND, title="", hidden="游泳池夏天开放", ranked=True)
    assert found("游泳池开放时间")[0] == ids[0]
    assert ids[0] not in found("停车月卡")
    assert RankedPlace.objects.count() == len(ids)


@pytest.mark.django_db
def test_a_removed_text_is_gone_and_leaves_no_piece():
    ids = put()
    services.remove(ids)
    assert found("停车 电梯 押金") == []
    assert not RankedPlace.objects.exists()
    assert all(not bytes(held) for held in RankedPosting.objects.values_list("held", flat=True))


@pytest.mark.django_db
def test_kinds_and_what_may_be_seen_are_kept_apart():
    ids, others = put(), put(kind="ranked-other")
    assert set(found("停车月卡", kinds=["ranked-other"])) <= set(others)
    assert found("停车月卡", seen=lambda asked: set(asked) & {ids[1]}, least=0) in ([], [ids[1]])
    assert found("停车月卡", kinds=["nothing"]) == []


@pytest.mark.django_db
def test_somebody_who_may_see_one_text_of_many_finds_it():
    ids = put([f"停车月卡办理第{at}种" for at in range(150)])
    assert found("停车月卡", seen=lambda asked: set(asked) & {ids[140]}) == [ids[140]]


@pytest.mark.django_db
def test_several_segments_rank_as_one(monkeypatch):
    whole = put()
    before = [round(score, 4) for _pk, score in queries.best(text="电梯报警多久到场")]
    services.remove(whole)
    monkeypatch.setattr(ranked, "SIZE", 1)
    ids = put(start=10)
    after = queries.best(text="电梯报警多久到场")
    assert after[0][0] == ids[1]
    assert [round(score, 4) for _pk, score in after] == before


def test_words_are_those_of_the_dictionary():
    assert words.cut("燃气表没有电了") == ("燃气表", "没有", "电", "了")
    assert words.cut("kx2000b") == ("kx2000b",)
    assert words.held().weight("停电") is not None
    assert words.held().weight("停垮") is None
    assert "".join(words.cut("𠮷野家鿿")) == "𠮷野家鿿"


def test_the_dictionary_lies_ready_for_the_next_process_and_a_broken_one_is_made_anew(settings, tmp_path):
    settings.STATE = tmp_path
    words.held.cache_clear()
    made = words.held()
    (kept,) = (tmp_path / "cache").iterdir()
    whole = kept.read_bytes()
    read = words.Words.unpacked(whole)
    assert (read.total, read.texts, read.weights) == (made.total, made.texts, made.weights)
    with pytest.raises(ValueError, match="not whole"):
        words.Words.unpacked(whole[:-1])
    kept.write_bytes(whole[:1000])
    words.held.cache_clear()
    assert words.held().texts == made.texts
    assert kept.read_bytes() == whole


def test_words_that_only_ask_weigh_little():
    asked = ranking.asked("怎么停车")
    assert asked[ranking.key(1, "停车")][1] > 5 * asked[ranking.key(1, "怎么")][1]
    assert cut.normal("怎么停车") == "怎么停车"


def _files(folder, docs, asked):
    paths = [folder / "docs.jsonl", folder / "questions.jsonl"]
    for path, rows in zip(paths, (docs, asked), strict=True):
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return [str(path) for path in paths]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["by hand", "numbers", "slips"])
def test_the_house_ranks_at_least_as_well_as_plain_bm25(name):
    from kefu.engines.search import evaluation

    docs, asked = questions.sets()[name]
    figures = evaluation.measure([(one.id, one.text) for one in docs], [(one.text, set(one.relevant)) for one in asked])
    for cut_by in (baselines.jieba_words, baselines.two_signs):
        model = baselines.Plain([one.text for one in docs], cut_by)
        places = [[docs[at].id in one.relevant for at in model.best(one.text)] for one in asked]
        plain = sum(1 / (hits.index(True) + 1) for hits in places if True in hits) / len(asked)
        assert figures["mrr_at_10"] >= plain
    assert figures["right_at_1"] <= figures["mrr_at_10"] <= figures["within_10"] <= 1


@pytest.mark.parametrize(
    ("docs", "asked", "said"),
    [
        ([{"id": 1}], [{"text": "a", "relevant": [1]}], "line 1"),
        ([{"id": 1, "text": "a"}], [{"text": "a", "relevant": 1}], "line 1"),
        ([], [{"text": "a", "relevant": []}], "at least one"),
    ],
)
def test_files_that_make_no_sense_are_refused_with_a_sentence(tmp_path, capsys, docs, asked, said):
    assert cli.main(["search", "eval", *_files(tmp_path, docs, asked)]) == 2
    assert said in capsys.readouterr().err


def test_an_address_that_is_none_is_refused_with_a_sentence(tmp_path, capsys):
    files = _files(tmp_path, [{"id": 1, "text": "a"}], [{"text": "a", "relevant": [1]}])
    assert cli.main(["search", "eval", *files, "--postgresql=sqlite"]) == 2
    assert "postgresql://" in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert cli.main(["search", "eval", str(tmp_path / "none"), str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err


def test_the_command_prints_the_figures_of_a_store_of_its_own(tmp_path):
    import os
    import subprocess
    import sys

    docs = [{"id": at, "text": text} for at, text in enumerate(TEXTS)]
    asked = [{"text": "停车月卡", "relevant": [0]}, {"text": "电梯困人", "relevant": [3]}]
    words_ = [sys.executable, "-m", "kefu.entry.cli", "search", "eval", *_files(tmp_path, docs, asked)]
    state = tmp_path / "state"
    address = os.environ.get("KEFU_TEST_DATABASE", "")
    beside = [f"--postgresql={address}"] if address.startswith("postgresql://") else []
    done = subprocess.run([*words_, *beside], env={**os.environ, "KEFU_STATE": str(state)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split("  ", 1) for line in done.stdout.splitlines() if "  " in line)
    assert lines["right at 1"].strip() == "0.5000"
    assert {"MRR@10", "within 10", "time per query"} <= lines.keys()
    assert not state.exists()
