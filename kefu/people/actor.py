"""The signed-in person as policies and queries see it: one look-up, cached a few seconds in the process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet

from kefu.kit import hot, moment
from kefu.kit.errors import NotAllowed
from kefu.people import paths
from kefu.people.choices import Scope
from kefu.people.models import Holding, Staff

CACHE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``id`` is None for the system itself. ``path_ranges`` are the unit ranges in scope (paths.py)."""

    id: int | None
    number: str = ""
    name: str = ""
    username: str = ""
    unit_id: int | None = None
    unit_path: str = ""
    unit_name: str = ""
    unit_name_en: str = ""
    language: str = "zh-hans"
    theme: str = "auto"
    rights: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    sees_all: bool = False
    path_ranges: tuple[tuple[str, str], ...] = ()
    must_change_password: bool = False
    has_totp: bool = False
    sign_in_version: int = 0

    def can(self, right: str) -> bool:
        return right in self.rights

    def can_any(self, *rights: str) -> bool:
        return not self.rights.isdisjoint(rights)

    def require(self, *rights: str) -> None:
        """Pass the system and who holds one of the rights; raises ``NotAllowed`` for all others."""
        if self.id is not None and not self.can_any(*rights):
            raise NotAllowed()

    def sees_path(self, path: str) -> bool:
        """Whether a unit path lies in the data scope."""
        return self.sees_all or any(low <= path < high for low, high in self.path_ranges)

    def narrowed(self, rights: list[str]) -> Actor:
        """The same person with no more than ``rights`` (all, if the list is empty)."""
        return replace(self, rights=self.rights & frozenset(rights)) if rights else self

    @property
    def person_id(self) -> int:
        """The id of a real person; raises ``ValueError`` for the system."""
        if self.id is None:
            raise ValueError("the system is not a person")
        return self.id


ME = "me"
_me: Any = hot.Slot(ME)


@lru_cache(maxsize=2000)
def faceless(actor: Actor) -> Actor:
    """Anybody with the same rights and the same reach: the shape of a kept read (kit/hot.py) that many share. The id is the slot ``ME``."""
    return Actor(id=_me, rights=actor.rights, sees_all=actor.sees_all, path_ranges=actor.path_ranges)


SYSTEM = Actor(id=None, name="Kefu", sees_all=True)

_cache: dict[int, tuple[float, Actor]] = {}
_lock = threading.Lock()


def forget(staff_id: int | None = None) -> None:
    """Drop what is cached of one person, or of all."""
    with _lock:
        if staff_id is None:
            _cache.clear()
        else:
            _cache.pop(staff_id, None)


def actor_of(staff_id: int) -> Actor | None:
    """The active person with this id, or None. At most ``CACHE_SECONDS`` old."""
    held = _cache.get(staff_id)
    if held and held[0] > time.monotonic():
        return held[1]
    found = load(staff_id)
    if found:
        with _lock:
            if len(_cache) > 20_000:
                _cache.clear()
            _cache[staff_id] = (time.monotonic() + CACHE_SECONDS, found)
    return found


_person = hot.Rows(lambda: Staff.objects.select_related("unit").filter(pk=hot.Slot("id"), is_active=True))


def _holdings() -> QuerySet[Holding, Any]:
    at = hot.Slot("at", DateTimeField())
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=at), staff_id=hot.Slot("id"), since__lte=at)
    return rows.values("post__code", "post__rights", "post__scope", "unit__path")


_held = hot.Read(_holdings)


def load(staff_id: int) -> Actor | None:
    """Read the person, the posts held now and their reach."""
    found: list[Staff] = _person(id=staff_id)
    if not found:
        return None
    staff = found[0]
    rights: set[str] = set()
    posts: set[str] = set()
    ranges: set[tuple[str, str]] = set()
    sees_all = False
    for held in _held(id=staff_id, at=moment.now()):
        code, post_rights, scope, path = held.values()
        posts.add(code)
        rights.update(post_rights)
        if scope == Scope.ALL:
            sees_all = True
        elif scope == Scope.BELOW:
            ranges.add(paths.below(path))
        elif scope == Scope.UNIT:
            ranges.add(paths.only(path))
    return Actor(
        id=staff.pk,
        number=staff.number,
        name=staff.name,
        username=staff.username,
        unit_id=staff.unit_id,
        unit_path=staff.unit.path,
        unit_name=staff.unit.name,
        unit_name_en=staff.unit.name_en,
        language=staff.language,
        theme=staff.theme,
        rights=frozenset(rights),
        posts=frozenset(posts),
        sees_all=sees_all,
        path_ranges=tuple(sorted(ranges)),
        must_change_password=staff.must_change_password,
        has_totp=staff.totp_since is not None,
        sign_in_version=staff.sign_in_version,
    )
