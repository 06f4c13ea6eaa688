"""Two rules that bind every post: the one complained of never handles or judges; the scorer is never the scored."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import NotAllowed


class ComplainedOf(NotAllowed):
    code = "complained_of"
    text = _("The complaint is about you. Another person must handle and judge it.")


class OwnScore(NotAllowed):
    code = "own_score"
    text = _("Nobody scores their own work. Another person must do this.")


def not_complained_of(*, staff_id: int | None, complained_of: Collection[int]) -> None:
    """Raises ``ComplainedOf`` when the one who would handle or judge a complaint is among those it is about."""
    if staff_id is not None and staff_id in complained_of:
        raise ComplainedOf()


def not_the_scored(*, scorer_id: int | None, scored: Collection[int]) -> None:
    """Raises ``OwnScore`` when the scorer is among the scored."""
    if scorer_id is not None and scorer_id in scored:
        raise OwnScore()


def fit(candidates: Iterable[int], *, barred: Collection[int]) -> list[int]:
    """The ``candidates`` that neither rule bars, in their order: for selects and for dispatch."""
    return [staff for staff in candidates if staff not in barred]


def without_judging(allowed: set[str], *, staff_id: int | None, complained_of: Collection[int], judging: Collection[str]) -> set[str]:
    """What ``policies.allowed`` leaves to a person: the ``judging`` commands go when the complaint is about that person."""
    return allowed - set(judging) if staff_id in complained_of else allowed
