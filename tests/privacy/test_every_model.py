"""Every column of text says which class of personal data it holds."""

import pytest
from django.apps import apps
from django.db import connection, models

from kefu.engines.privacy.fields import EncryptedTextField
from kefu.engines.privacy.masking import CLASSES, SEALED

# Models without any personal data. A new model either states ``personal = {column: class}`` for all its text columns
# (classes: kefu.engines.privacy.masking; "plain" for what is not personal; {} for none at all), or its label is added here.
WITHOUT = {
    *("clock.workcalendar", "clock.holiday", "clock.calendarexception", "clock.limitrule", "clock.obligation", "clock.recurrence"),
    *("measures.filledday", "measures.dailyfigure", "measures.followed", "measures.summed", "measures.freeze", "measures.frozenfigure"),
    *("numbering.counter", "callbacks.callbackrule", "workorders.ordertype", "workorders.price", "workorders.dispatchrule"),
    *("filters.savedview", "forms.formdefinition", "jobs.worker", "jobs.periodicrun"),
    *("rulebook.pack", "rulebook.load", "rulebook.regulation", "rulebook.clause", "rulebook.enforcement", "rulebook.setting"),
    *("rulebook.codelist", "rulebook.codeitem", "rulebook.textcard", "rulebook.readreceipt"),
}
OURS = [model for model in apps.get_models() if model.__module__.startswith("kefu.")]


def texts(model):
    """The columns a person could type into: text without a closed list of values."""
    kinds = (models.CharField, models.TextField, EncryptedTextField)
    return {field.name for field in model._meta.local_concrete_fields if isinstance(field, kinds) and not field.choices}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_every_text_column_states_its_class(model):
    label = model._meta.label_lower
    personal = getattr(model, "personal", None)
    if personal is None:
        assert label in WITHOUT, f"{label} states no personal columns: give it ``personal`` or add it to WITHOUT"
        return
    assert set(personal.values()) <= CLASSES
    assert set(personal) <= {field.name for field in model._meta.local_concrete_fields}
    if personal:
        assert texts(model) <= set(personal), f"{label}: not stated {sorted(texts(model) - set(personal))}"


def test_the_list_names_only_models_there_are():
    assert {model._meta.label_lower for model in OURS} >= WITHOUT


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_sensitive_columns_are_sealed(model):
    """Identity numbers and bank cards stand encrypted; passwords are hashed and the TOTP secret is sealed by people itself."""
    for name, kind in getattr(model, "personal", {}).items():
        if kind in SEALED and model._meta.label_lower != "people.staff":
            assert isinstance(model._meta.get_field(name), EncryptedTextField), f"{model._meta.label_lower}.{name}"


def test_a_sealed_column_holds_no_plain_text_and_is_not_searched(db):
    field = EncryptedTextField(purpose="t.a")
    field.set_attributes_from_name("id_number")
    stored = field.get_prep_value("330106199001011234")
    assert "330106" not in stored
    assert field.from_db_value(stored, None, connection) == "330106199001011234"
    assert field.deconstruct()[3]["purpose"] == "t.a"
    with pytest.raises(TypeError):
        field.get_lookup("exact")
