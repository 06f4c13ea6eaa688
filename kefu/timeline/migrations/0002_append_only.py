"""Events cannot be updated (but for blanking) or deleted; on PostgreSQL each carries its transaction."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = (
    "CREATE TRIGGER timeline_event_kept BEFORE DELETE ON timeline_event BEGIN SELECT RAISE(ABORT, 'events are kept'); END",
    "CREATE TRIGGER timeline_event_fixed BEFORE UPDATE ON timeline_event WHEN NEW.blanked_at IS NULL OR NEW.id IS NOT OLD.id "
    "OR NEW.subject_id IS NOT OLD.subject_id OR NEW.kind IS NOT OLD.kind OR NEW.actor_id IS NOT OLD.actor_id "
    "OR NEW.at IS NOT OLD.at OR NEW.clauses IS NOT OLD.clauses OR NEW.audience IS NOT OLD.audience "
    "BEGIN SELECT RAISE(ABORT, 'events are kept'); END",
)
POSTGRESQL = (
    "ALTER TABLE timeline_event ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint",
    """CREATE FUNCTION timeline_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.blanked_at IS NOT NULL AND (NEW.id, NEW.subject_id, NEW.kind, NEW.at, NEW.clauses::text, NEW.audience)
            = (OLD.id, OLD.subject_id, OLD.kind, OLD.at, OLD.clauses::text, OLD.audience) AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'events are kept';
    END $$""",
    "CREATE TRIGGER timeline_event_kept BEFORE UPDATE OR DELETE ON timeline_event FOR EACH ROW EXECUTE FUNCTION timeline_event_kept()",
)
UNDO_SQLITE = ("DROP TRIGGER timeline_event_kept", "DROP TRIGGER timeline_event_fixed")
UNDO_POSTGRESQL = (
    "DROP TRIGGER timeline_event_kept ON timeline_event",
    "DROP FUNCTION timeline_event_kept()",
    "ALTER TABLE timeline_event ALTER COLUMN xid SET DEFAULT 0",
)


def keep(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def let_go(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]
    operations = [migrations.RunPython(keep, let_go)]
