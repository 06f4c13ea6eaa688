"""The readers of the line begin behind their bookmark, however long the line is."""

from django.db import connection

from kefu.timeline import feed
from kefu.timeline.services import record_one
from tests import cases


def steps_of(sql, params):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table would be read from its beginning,
            cursor.execute("SET LOCAL enable_sort = off")  # or by its subjects and put in order afterwards
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}", params)
        return [str(row[-1]).strip() for row in cursor.fetchall()]


def test_the_line_is_entered_at_the_bookmark(cast):
    subject = cases.call(cast).subject
    after = feed.end()
    made = record_one(actor_id=None, subject_id=subject.pk, kind="note.added")
    asked = []

    def watch(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        found = feed.read(after)
    steps = steps_of(*asked[0])
    if connection.vendor == "sqlite":
        assert [one.id for one in found] == [made.pk]
        assert feed.read(found[-1].bookmark) == []
        assert "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)" in steps
    else:
        assert any(step.startswith("Index Cond: ((ROW(xid, id) > ROW(") for step in steps), steps
