"""A kind of subject whose personal values stand in its title, so that the engine is tested without a capability."""

import pytest

from kefu.engines.privacy.registry import Erasure, PersonalSource, erasures, personal_sources
from kefu.timeline.models import Subject


def read(subject_id, field):
    kinds = {"phone": "phone", "state": "plain", "key": "secret"}
    title = Subject.objects.values_list("title", flat=True).get(pk=subject_id)
    return (kinds[field], title) if field in kinds else None


def due(before, limit):
    return list(Subject.objects.filter(kind="test.person", closed_at__lt=before).exclude(title="").values_list("pk", flat=True)[:limit])


def erase(ids):
    return Subject.objects.filter(pk__in=ids).update(title="")


personal_sources.add(PersonalSource("test.person", read))
erasures.add(Erasure("test.people", "People of tests", due, erase))


@pytest.fixture
def person(cast) -> Subject:
    return Subject.objects.create(kind="test.person", number="P1", title="13812341234", unit_path=cast.centre.path)
