"""The course speaks the language of who reads, whatever language they worked in who did it."""

from django.utils import translation

from kefu.timeline import telling
from kefu.timeline.models import Event
from tests import cases


def course(subject_id: int, language: str) -> str:
    with translation.override(language):
        return "\n".join(telling.text(event) for event in Event.objects.filter(subject=subject_id).order_by("id").values("kind", "data"))


def test_codes_are_put_into_words_when_they_are_read(cast):
    with translation.override("en"):
        english = cases.judged(cast, tests=("media",))
    with translation.override("zh-hans"):
        chinese = cases.judged(cast, tests=("media",))
    read = {language: course(english.pk, language) for language in ("zh-hans", "en")}
    for word in ("分类定级：产品质量，严重", "判定有效（态度或言语不当）"):
        assert word in read["zh-hans"]
    for word in ("Product quality, Severe", "judged it Valid (Attitude or language)"):
        assert word in read["en"]
    for language, told in read.items():
        assert course(chinese.pk, language).splitlines()[:3] == told.splitlines()[:3]


def test_words_stored_before_codes_were_are_still_told(cast):
    old = {"kind": "complaint.judged", "data": {"verdict": "有效", "reason": "态度或言语不当", "basis": "现场核对"}}
    with translation.override("zh-hans"):
        assert telling.text(old) == "判定有效（态度或言语不当）：现场核对"


def test_a_limit_that_ends_without_a_reason_has_no_hanging_colon(cast):
    made = cases.judged(cast, tests=("media",))
    with translation.override("zh-hans"):
        lines = course(made.pk, "zh-hans").splitlines()
    assert "作废了时限“普通投诉处理结果”" in lines
