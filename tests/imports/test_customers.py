"""Customers from Excel and CSV: read in any usual form, refused row by row, written as a whole."""

from __future__ import annotations

import csv
import io
import tracemalloc
from itertools import islice

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from kefu.engines.imports import columns, running, services, tables
from kefu.engines.imports.models import ImportRun, State
from kefu.engines.imports.registry import import_kinds
from kefu.engines.jobs import queue
from kefu.engines.search import queries as search
from kefu.entry.cli import main
from kefu.kit.errors import Invalid, NotAllowed
from kefu.people.actor import SYSTEM, forget
from kefu.people.models import Staff
from kefu.timeline.models import Event
from kefu.touch.customers.models import ContactPoint, Customer

HEADS = ["户号", "业主姓名", "联系电话", "地址"]
ROWS = [["A-1", "张三", "13800001111, 0571-88880000", "1-1-101"], ["A-2", "李四", "13900002222", "1-1-102"], ["A-3", "王五", "", "1-1-103"]]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def written(rows, mark=",", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    return out.getvalue().encode(encoding)


def book(rows):
    made, out = Workbook(write_only=True), io.BytesIO()
    sheet = made.create_sheet()
    for row in rows:
        sheet.append(row)
    made.save(out)
    return out.getvalue()


def begin(body, name="customers.csv", actor=SYSTEM):
    return services.begin(actor=actor, kind="customer", upload=SimpleUploadedFile(name, body))


def carried_out(body, name="customers.csv", actor=SYSTEM):
    run = begin(body, name, actor)
    return services.start(actor=actor, run_id=run.pk, mapping=run.mapping)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_usual_csv_is_read(encoding, mark):
    found = list(tables.lines(io.BytesIO(written([HEADS, *ROWS], mark, encoding))))
    assert [cells for _line, cells in found] == [HEADS, *ROWS]


def test_excel_numbers_and_days_are_texts():
    body = book([["户号", "电话", "日期"], [10023, 13800001111.0, None], [None, None, None], ["x", "y", "z"]])
    assert list(tables.lines(io.BytesIO(body))) == [(1, ["户号", "电话", "日期"]), (2, ["10023", "13800001111"]), (4, ["x", "y", "z"])]


@pytest.mark.parametrize(
    "body",
    [b"PK\x03\x04 no zip", b"\xff\xfe\x00", bytes(range(256)) * 20, b'a,b\n"' + b"x" * 200_000],
    ids=["zip", "utf16", "bytes", "cell"],
)
def test_what_is_no_table_is_said(body):
    with pytest.raises(tables.Unreadable):
        list(tables.lines(io.BytesIO(body)))


def test_heads_are_guessed_in_both_languages():
    kind = import_kinds["customer"]
    assert columns.guess(kind, HEADS) == {"code": 0, "name": 1, "phones": 2, "address": 3}
    assert columns.guess(kind, ["Remark", "Mobile (main)", " customer name ", "Room"]) == {
        "name": 2,
        "phones": 1,
        "address": 3,
        "wishes": 0,
    }
    with pytest.raises(Invalid) as refused:
        columns.checked(kind, {"code": 0, "phones": 0})
    assert set(refused.value.fields) == {"name", "code", "phones"}


@pytest.mark.parametrize(("body", "name"), [(written([HEADS, *ROWS], encoding="gb18030"), "a.csv"), (book([HEADS, *ROWS]), "a.xlsx")])
def test_rows_become_customers_that_are_found(db, cast, body, name):
    run = carried_out(body, name)
    assert (run.state, run.rows, run.created, run.changed) == ("done", 3, 3, 0)
    zhang = Customer.objects.get(code="A-1")
    assert (zhang.name, zhang.address, zhang.subject.title, zhang.source) == ("张三", "1-1-101", "张三", "import")
    assert list(zhang.points.order_by("-main").values_list("value", "main")) == [("+8613800001111", True), ("+8657188880000", False)]
    assert Event.objects.filter(kind="customer.created").count() == 3
    hits = search.find(actor=cast.actor(cast.agent), text="13900002222", kinds=["customer"], limit=5)
    assert [hit.subject_id for hit in hits] == [Customer.objects.get(code="A-2").pk]


def test_a_second_import_changes_by_customer_number(db):
    carried_out(written([HEADS, *ROWS]))
    again = carried_out(written([HEADS, ROWS[0], ["A-2", "李四光", "13900003333", "1-1-102"], ["A-9", "赵六", "", ""]]))
    assert (again.created, again.changed, again.same) == (1, 1, 1)
    changed = Customer.objects.get(code="A-2")
    assert (changed.name, changed.subject.title) == ("李四光", "李四光")
    assert list(changed.points.values_list("value", flat=True)) == ["+8613900003333"]
    event = Event.objects.get(kind="customer.changed")
    assert event.data["changed"]["name"] == ["李四", "李四光"]
    only_names = carried_out(written([["户号", "姓名"], ["A-1", "张三丰"]]))
    assert only_names.changed == 1
    assert ContactPoint.objects.filter(customer__code="A-1").count() == 2


def test_every_fault_is_named_and_nothing_is_imported(db):
    carried_out(written([HEADS, ROWS[0]]))
    rows = [
        ["B-1", "", "13800009999", ""],
        ["B-2", "甲", "abc", ""],
        ["B-2", "乙", "", ""],
        ["", "丙", "13811112222", ""],
        ["", "丁", "138 1111 2222", ""],
        ["", "戊", "13800001111", ""],
        ["B-7", "x" * 81, "", ""],
        ["B-8", "好的", "13700000000", "ok"],
    ]
    run = carried_out(written([HEADS, *rows]))
    assert (run.state, run.fault_count) == ("refused", 6)
    assert [(line, column) for line, column, *_what in run.faults] == [
        (2, "name"), (3, "phones"), (4, "code"), (6, "phones"), (7, "phones"), (8, "name"),
    ]  # fmt: skip
    assert Customer.objects.count() == 1


def test_an_empty_table_and_a_missing_column_are_refused(db):
    with pytest.raises(tables.Unreadable):
        begin(b"\n\n")
    assert carried_out(written([HEADS])).state == "refused"
    run = begin(written([["甲", "乙"], ["1", "2"]]))
    with pytest.raises(Invalid):
        services.start(actor=SYSTEM, run_id=run.pk, mapping=run.mapping)
    run = services.start(actor=SYSTEM, run_id=run.pk, mapping={"name": 1})
    assert (run.state, Customer.objects.get().name) == ("done", "2")


def test_a_large_file_runs_in_the_background_and_again_after_a_crash(db):
    rows = [[f"C-{number}", f"客户{number}", f"1390000{number:04d}", ""] for number in range(1200)]
    run = carried_out(written([HEADS, *rows]))
    assert (run.state, run.rows, Customer.objects.count()) == ("checking", 1200, 0)
    ImportRun.objects.filter(pk=run.pk).update(state=State.WRITING)  # as a killed worker leaves it
    assert queue.drain() == 1
    run.refresh_from_db()
    assert (run.state, run.created, run.done_rows) == ("done", 1200, 1200)
    assert running.execute(run.pk).created == 1200
    assert Customer.objects.count() == 1200


def test_reading_takes_bounded_memory():
    body = book([HEADS, *([f"C-{number}", "客户", "13900000000", "x" * 40] for number in range(20_000))])
    tracemalloc.start()
    count = sum(1 for _row in islice(columns.rows(io.BytesIO(body), {"code": 0, "name": 1}), None))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 20 * 1024 * 1024


def test_the_pages_lead_from_the_file_to_the_report(cast, signed_in):
    client = signed_in(cast.manager)
    assert client.get("/customers/import").status_code == 200
    template = client.get("/customers/import/template").content.decode("utf-8-sig").splitlines()
    assert template[0].startswith("户号,名称,电话")
    answer = client.post("/customers/import", {"file": SimpleUploadedFile("客户.csv", written([HEADS, *ROWS], encoding="gb18030"))})
    place = answer.headers["Location"]
    page = client.get(place).content.decode()
    assert "业主姓名" in page
    assert "1-1-102" in page
    assert client.post(place, {"column-code": "0"}).status_code == 422
    chosen = {"column-code": "0", "column-name": "1", "column-phones": "2", "column-address": "3"}
    assert client.post(place, chosen).status_code == 303
    assert "已导入" in client.get(place).content.decode()
    assert Customer.objects.count() == 3
    assert Event.objects.filter(kind="customer.created", actor=cast.manager).count() == 3
    assert signed_in(cast.boss).get(place).status_code == 404
    assert signed_in(cast.agent).get("/customers/import").status_code == 403


def test_faults_are_shown_and_downloaded_without_formulas(cast, signed_in):
    client = signed_in(cast.manager)
    place = client.post("/customers/import", {"file": SimpleUploadedFile("a.csv", written([HEADS, ["B-1", "甲", "=1+1", ""]]))}).headers[
        "Location"
    ]
    client.post(place, {"column-code": "0", "column-name": "1", "column-phones": "2"})
    assert "没有导入任何数据" in client.get(place).content.decode()
    assert "不是有效的电话号码：=1+1" in client.get(f"{place}/faults").content.decode("utf-8-sig")
    Staff.objects.filter(pk=cast.manager.pk).update(language="en")
    forget()
    assert "This is not a phone number: =1+1" in client.get(place).content.decode()
    for name, body in (("a.csv", b"MZ\x90\x00"), ("a.xlsx", b"PK\x03\x04 broken"), ("a.xlsx", b"text"), ("a.png", b"x,y")):
        assert client.post("/customers/import", {"file": SimpleUploadedFile(name, body)}).status_code in (413, 422), name
    assert client.post("/customers/import", {}).status_code == 422


def test_without_the_right_nothing_begins(cast):
    with pytest.raises(NotAllowed):
        begin(written([HEADS]), actor=cast.actor(cast.agent))


@pytest.mark.django_db
def test_the_command_imports_and_says_what_is_wrong(tmp_path, capsys):
    file = tmp_path / "客户.csv"
    file.write_bytes(written([HEADS, *ROWS], encoding="gb18030"))
    assert main(["import", "customers", str(file)]) == 0
    assert capsys.readouterr().out == "rows=3 created=3 changed=0 same=0\n"
    file.write_bytes(written([["a", "b"], ["", "x"]]))
    assert main(["import", "customers", str(file)]) == 1
    assert main(["import", "customers", str(file), "--columns", "name=1"]) == 1
    assert main(["import", "customers", str(tmp_path / "none.csv")]) == 1
    assert Customer.objects.count() == 3
