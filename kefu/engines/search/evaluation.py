"""How well questions find their answers: the figures of information retrieval, taken with the index and the ranking that everybody uses."""

from __future__ import annotations

from statistics import mean, quantiles
from time import perf_counter

from kefu.engines.search import queries, services
from kefu.timeline.models import Subject

KIND = "evaluation"
_PART = 1000
_FIRST = 10


def measure(documents: list[tuple[str, str]], questions: list[tuple[str, set[str]]]) -> dict[str, float]:
    """Index the documents in this (empty) database and ask the questions.

    MRR@10 is the mean of 1 / place of the first relevant document among ten, 0 where there is none.
    """
    names = _index(documents)
    queries.best(text=questions[0][0])
    places, times = [], []
    for text, relevant in questions:
        began = perf_counter()
        hits = queries.best(text=text, kinds=[KIND], limit=_FIRST)
        times.append(1000 * (perf_counter() - began))
        places.append(next((at for at, (pk, _score) in enumerate(hits, 1) if names[pk] in relevant), 0))
    return {
        "documents": len(documents),
        "questions": len(questions),
        "mrr_at_10": mean(1 / place if place else 0 for place in places),
        "right_at_1": mean(place == 1 for place in places),
        "within_10": mean(place > 0 for place in places),
        "ms_per_query": mean(times),
        "ms_p95": quantiles(times, n=20)[-1] if len(times) > 1 else times[0],
    }


def _index(documents: list[tuple[str, str]]) -> dict[int, str]:
    names: dict[int, str] = {}
    for start in range(0, len(documents), _PART):
        part = documents[start : start + _PART]
        made = Subject.objects.bulk_create(Subject(kind=KIND, number=f"E{start + at}") for at in range(len(part)))
        names |= {one.pk: name for one, (name, _text) in zip(made, part, strict=True)}
        services.index_many(
            services.Document(one.pk, KIND, "", hidden=text, ranked=True) for one, (_name, text) in zip(made, part, strict=True)
        )
    return names
