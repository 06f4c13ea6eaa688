from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations, models


def analyze(apps: Any, schema_editor: Any) -> None:
    """A filled centre that gets these indexes and those of 0004 by an upgrade: without fresh statistics the planner does not take them."""
    if apps.get_model("clock", "Obligation").objects.exists():
        schema_editor.execute("ANALYZE clock_obligation")


class Migration(migrations.Migration):
    dependencies = [
        ("clock", "0004_by_code_and_due"),
        ("timeline", "0003_sealedcopy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(fields=["due_at"], condition=models.Q(state="running"), name="clock_near"),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(fields=["unit_path", "due_at"], condition=models.Q(state="running"), name="clock_near_by_unit"),
        ),
        migrations.RunPython(analyze, migrations.RunPython.noop, elidable=True),
    ]
