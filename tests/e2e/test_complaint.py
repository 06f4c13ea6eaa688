"""A complaint from the first ear to the sealed copy (stories 4 and 5 of the main job)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.screens import at, today

PASSED_ON = "地下车库照明坏了半个月，孩子摔伤了，再没人管就找电视台"


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What one story hands to the next."""
    return {}


def test_any_employee_passes_on_a_complaint(enter, told):
    guard = enter("wangqiang", phone=True)
    guard.go("/complaints/new")
    guard.press("提交")
    expect(guard.page.locator(".field-error").first).to_be_visible()
    guard.fill({"content": PASSED_ON, "demand": "立即修好照明，赔偿医药费", "name": "方雨桐", "phone": "13900002999"})
    guard.press("提交")
    guard.page.wait_for_url(re.compile(r"/complaints/\d+$"))
    told["severe"] = guard.path
    guard.expects(re.compile(r"TS\d{14}"), "待分类")


def test_it_is_classed_by_its_six_tests_and_judged_valid(enter, told, picture):
    desk = enter("wumin")
    desk.go(told["severe"])
    desk.expects(PASSED_ON, "投诉首次联系", "投诉判定")
    desk.command("contact", {"remark": "已致电安抚，说明处理流程"})
    desk.open_command("classify")
    tests = desk.page.locator("#drawer [data-field=severity_tests] label")
    expect(tests).to_have_count(6)
    desk.page.keyboard.press("Escape")
    desk.command("classify", {"subject_type": "质量", "severity_tests": "媒体", "unit_id": "工程部"})
    desk.expects("严重")
    desk.command("judge", {"validity": "有效", "reason": "有效 · ", "basis": "现场核对照明确已损坏半月"})
    desk.expects("严重投诉处理结果", "有效投诉原因责任分析", "R-04-3.7.1", "R-04-3.6.6a", "剩余")
    picture(desk, "complaint")


def test_invalid_starts_the_clock_of_the_explanation(enter):
    guard = enter("wangqiang")
    guard.go("/complaints/new")
    guard.fill({"content": "物业费太贵，我不交", "name": "方雨桐", "phone": "13900002999"})
    guard.press("提交")
    guard.page.wait_for_url(re.compile(r"/complaints/\d+$"))
    desk = enter("wumin")
    desk.go(guard.path)
    desk.command("classify", {"subject_type": "价格", "unit_id": "客服中心"})
    desk.command("judge", {"validity": "无效", "reason": "无效 · ", "basis": "收费标准已公示，经业主大会同意"})
    desk.expects("无效投诉解释", "R-04-3.6.5", "剩余")


def test_it_is_handled_called_back_and_sealed(enter, told):
    head, manager, desk, caller = enter("sunwei"), enter("linxiaoyan"), enter("wumin"), enter("huxin")
    head.go(told["severe"])
    assert "13900002999" not in head.page.content()
    head.expects("投诉人信息对责任部门保密")
    head.command("analyse", {"analysis": "巡查漏项，灯具损坏未报修", "responsible": "当班巡查员"})
    head.command("measure", {"text": "更换全部灯具并每日巡查签字", "owner_id": "孙伟", "due": today(70).isoformat()})
    manager.go(told["severe"])
    manager.command("visit_site", {"at": at(0, "00:00"), "attendees": "林晓燕、孙伟", "findings": "灯具已全部更换"})
    manager.command("decide", {"closing_way": "返工", "staff_action": "培训", "result": "照明全部更换，已赔付医药费"})
    desk.go(told["severe"])
    desk.command("tell", {"remark": "已电话告知处理结果"})
    caller.go("/callbacks")
    caller.page.locator("main a", has_text=re.compile(r"TS\d")).first.click()
    caller.page.wait_for_url(re.compile(r"/callbacks/\d+$"))
    caller.expects("地下车库照明")
    caller.command("record", {"verdict": "满意", "words": "处理得很快，谢谢"})
    desk.command("check_measure", {"measure_id": "更换全部灯具", "effect": "有效", "check_note": "抽查七日巡查表均已签字"})
    desk.expects("已归档", "封存")


def test_not_satisfied_goes_back_to_the_handler(enter, centre):
    caller = enter("huxin")
    order = centre.python(
        "from kefu.cases.callbacks.models import CallbackTask\n"
        "from kefu.cases.workorders.models import WorkOrder\n"
        "fresh = WorkOrder.objects.filter(redo_round=0)\n"
        "task = CallbackTask.objects.filter(state='open', subject__in=fresh.values('pk')).order_by('pk').first()\n"
        "result = [task.pk, task.subject_id] if task else []"
    )
    assert order, "an order that waits for its callback"
    caller.go(f"/callbacks/{order[0]}")
    caller.command("record", {"verdict": "不满意", "words": "还是漏水，要求重修"})
    manager = enter("linxiaoyan")
    manager.go(f"/orders/{order[1]}")
    manager.expects("处理中", "重办 1", "还是漏水，要求重修")
