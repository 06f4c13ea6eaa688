"""``python -m tools.bench.ranking``: each question set by ``kefu search eval`` and by both plain BM25; 1 if the house is worse anywhere."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.bench import articles, baselines, questions

MOST_MS = 30
ROOT = Path(__file__).parent.parent.parent


def of_the_house(docs: list[questions.Article], asked: list[questions.Question], postgresql: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "docs.jsonl", Path(folder) / "questions.jsonl"]
        for file, rows in zip(files, ([one._asdict() for one in docs], [one._asdict() for one in asked]), strict=True):
            file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        words = [sys.executable, "-m", "kefu.entry.cli", "search", "eval", *map(str, files), "--json"]
        done = subprocess.run([*words, f"--postgresql={postgresql}"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def while_typing(number: int, postgresql: str) -> float:
    """p95 in milliseconds of the suggestions while questions are typed sign by sign over ``number`` articles."""
    typed = [questions.Question(text, []) for text in articles.typed()]
    return of_the_house(articles.many(number), typed, postgresql)["ms_p95"]


def plain(docs: list[questions.Article], asked: list[questions.Question], model: baselines.Plain) -> tuple[float, float, float]:
    """MRR@10, right at 1, within 10."""
    places = []
    for question in asked:
        names = [docs[at].id for at in model.best(question.text)]
        places.append(next((at for at, name in enumerate(names, 1) if name in question.relevant), 0))
    number = len(places)
    return sum(1 / at for at in places if at) / number, sum(at == 1 for at in places) / number, sum(at > 0 for at in places) / number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", default="", help="address of a database to make others beside")
    parser.add_argument("--articles", type=int, default=20_000, help="articles for the time while typing (default 20000; 0: not taken)")
    asked = parser.parse_args()
    worse = 0
    models: dict[str, list[baselines.Plain]] = {}
    print("set, documents, questions: MRR@10 / right at 1 / within 10 of the house | jieba words | two characters | time per query")
    for name, (docs, wanted) in questions.sets().items():
        if docs[0].id not in models:
            models[docs[0].id] = [baselines.Plain([one.text for one in docs], cut) for cut in (baselines.jieba_words, baselines.two_signs)]
        house = of_the_house(docs, wanted, asked.postgresql)
        ours = (house["mrr_at_10"], house["right_at_1"], house["within_10"])
        others = [plain(docs, wanted, model) for model in models[docs[0].id]]
        beaten = ours[0] < max(other[0] for other in others) - 1e-9
        worse += beaten
        shown = " | ".join(" / ".join(f"{value:.3f}" for value in one) for one in (ours, *others))
        print(f"{name}, {len(docs)}, {len(wanted)}: {shown} | {house['ms_per_query']:.1f} ms{'  WORSE' if beaten else ''}", flush=True)
    if asked.articles:
        took = while_typing(asked.articles, asked.postgresql)
        worse += took > MOST_MS
        print(f"while typing over {asked.articles:,} articles: p95 {took:.1f} ms, at most {MOST_MS}{'  BROKEN' if took > MOST_MS else ''}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
