import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../islands/builder";
import { splitWords } from "../islands/builder-value";
import "../islands/select";
import { choose, find, page, type } from "./helpers";

const FIELDS = [
  { code: "state", name: "状态", kind: "choice", ops: [["in", "属于"], ["eq", "是"], ["empty", "为空"]], choices: [["open", "待办"], ["done", "已办结"]] },
  { code: "amount", name: "金额", kind: "number", ops: [["gt", "大于"], ["between", "介于"]], choices: [] },
  { code: "at", name: "时间", kind: "datetime", ops: [["within", "在"]], choices: [] },
  { code: "level", name: "等级", kind: "choice", ops: [["eq", "是"]], choices: [[1, "一级"], [2, "二级"]] },
  { code: "paid", name: "收费", kind: "bool", ops: [["eq", "是"]], choices: [] },
];

function start(tree: object): void {
  page(`<form><kefu-builder name="tree"><script type="application/json" data-fields>${JSON.stringify(FIELDS)}</script>
    <script type="application/json" data-spans>[["today","今天"]]</script><input type="hidden" name="tree" value=""><fieldset data-plain>plain</fieldset></kefu-builder></form>`);
  const old = find("kefu-builder");
  find<HTMLInputElement>("input[name=tree]").value = JSON.stringify(tree);
  old.replaceWith(old.cloneNode(true)); // drawn again from what the server wrote
}

function sent(): unknown {
  return JSON.parse(find<HTMLInputElement>("input[name=tree]").value);
}

function button(words: string, at = 0): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].filter((one) => one.textContent === words)[at];
  if (!found) throw new Error(`no button ${words}`);
  return found;
}

function select(label: string, at = 0): HTMLSelectElement {
  const found = document.querySelectorAll<HTMLSelectElement>(`select[aria-label="${label}"]`)[at];
  if (!found) throw new Error(`no select ${label}`);
  return found;
}

describe("kefu-builder", () => {
  beforeEach(() => page('<kefu-builder name="tree"></kefu-builder>'));
  afterEach(() => page(""));

  it("leaves the plain form when it gets no fields", () => {
    page('<kefu-builder><input type="hidden" name="tree"><fieldset data-plain>plain</fieldset></kefu-builder>');
    expect(find("[data-plain]").textContent).toBe("plain");
  });

  it("builds a condition by clicks", () => {
    page(`<kefu-builder><script type="application/json" data-fields>${JSON.stringify(FIELDS)}</script><input type="hidden" name="tree" value="{}"><fieldset data-plain></fieldset></kefu-builder>`);
    expect(document.querySelector("[data-plain]")).toBeNull();
    const heard = vi.fn();
    find("kefu-builder").addEventListener("kefu-builder-change", heard);
    button("Add condition").click();
    choose(select("Field"), "amount");
    const value = find<HTMLInputElement>("input[type=number]");
    type(value, "100");
    expect(sent()).toEqual({ all: [{ field: "amount", op: "gt", value: 100 }] });
    choose(select("Comparison"), "between");
    expect(sent()).toEqual({});
    type(find<HTMLInputElement>("input[aria-label=To]"), "500");
    expect(sent()).toEqual({ all: [{ field: "amount", op: "between", value: [100, 500] }] });
    expect(heard).toHaveBeenCalled();
  });

  it("keeps whole-number codes as numbers", () => {
    page(`<kefu-builder><script type="application/json" data-fields>${JSON.stringify(FIELDS)}</script><input type="hidden" name="tree" value='{"all":[{"field":"level","op":"eq","value":1}]}'></kefu-builder>`);
    expect(select("Value").selectedOptions[0]?.text).toBe("一级");
    choose(select("Value"), "1");
    expect(sent()).toEqual({ all: [{ field: "level", op: "eq", value: 2 }] });
  });

  it("turns a group into any and not, nests, and removes", () => {
    page(`<kefu-builder><script type="application/json" data-fields>${JSON.stringify(FIELDS)}</script><input type="hidden" name="tree" value='{"all":[{"field":"paid","op":"eq","value":false}]}'></kefu-builder>`);
    choose(select("All of these hold"), "not");
    expect(sent()).toEqual({ not: { field: "paid", op: "eq", value: false } });
    choose(select("All of these hold"), "any");
    button("Add group").click();
    const inner = find(".builder-group .builder-group");
    choose(find<HTMLSelectElement>("select[aria-label=Field]", inner), "paid");
    expect(sent()).toEqual({ any: [{ field: "paid", op: "eq", value: false }, { any: [{ field: "paid", op: "eq", value: true }] }] });
    find<HTMLButtonElement>(".builder-group .builder-group > .builder-row .btn-close").click();
    expect(sent()).toEqual({ any: [{ field: "paid", op: "eq", value: false }] });
  });

  it("offers spans of time and the last n days", () => {
    start({ all: [{ field: "at", op: "within", value: "today" }] });
    expect(select("Value").value).toBe("today");
    choose(select("Value"), "last");
    type(find<HTMLInputElement>("input[type=number]"), "30");
    expect(sent()).toEqual({ all: [{ field: "at", op: "within", value: { last: 30, unit: "day" } }] });
  });

  it("does not lose a condition on a field that is no longer offered", () => {
    start({ all: [{ field: "gone", op: "eq", value: "x" }, { field: "state", op: "in", value: ["open"] }] });
    button("Add condition").click();
    expect(sent()).toEqual({ all: [{ field: "gone", op: "eq", value: "x" }, { field: "state", op: "in", value: ["open"] }] });
  });

  it("splits words by Chinese commas too", () => {
    expect(splitWords("水, 电，气、暖\n 网 ")).toEqual(["水", "电", "气", "暖", "网"]);
  });
});
