import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { matching, parseOptions } from "../islands/select";
import { choose, find, page, press, settle, type } from "./helpers";

const UNITS = ["水务维修班", "电力维修班", "绿化班", "保洁班", "保安部", "客服部", "财务部", "工程部", "总经办", "停车场"];
const OPTIONS = UNITS.map((name, at) => `<option value="${at + 1}"${name === "水务维修班" ? ' data-search="shuiwu sw"' : ""}>${name}</option>`).join("");

function input(): HTMLInputElement {
  return find<HTMLInputElement>("[role=combobox]");
}

function offered(): string[] {
  return [...document.querySelectorAll(".choice-option")].map((item) => item.textContent ?? "");
}

describe("kefu-select", () => {
  beforeEach(() => page(`<form><label for="unit">单位</label><kefu-select data-empty="没有"><select id="unit" name="unit"><option value="">请选择</option>${OPTIONS}</select></kefu-select></form>`));
  afterEach(() => {
    page("");
    vi.unstubAllGlobals();
  });

  it("finds by every word, by other names too, beginnings first", () => {
    const choices = parseOptions(OPTIONS);
    expect(matching(choices, "维修").map((one) => one.label)).toEqual(["水务维修班", "电力维修班"]);
    expect(matching(choices, "SW").map((one) => one.label)).toEqual(["水务维修班"]);
    expect(matching(choices, "维修 电").map((one) => one.label)).toEqual(["电力维修班"]);
    expect(matching(choices, "部")).toHaveLength(4);
  });

  it("leaves a short select as it is", () => {
    page("<kefu-select><select><option>1</option></select></kefu-select>");
    expect(document.querySelector("[role=combobox]")).toBeNull();
  });

  it("narrows while typing, takes by Enter, and tells the select", () => {
    const changed = vi.fn();
    find("form").addEventListener("change", changed);
    expect(input().getAttribute("aria-label")).toBe("单位");
    expect(input().placeholder).toBe("请选择");
    type(input(), "绿");
    expect(offered()).toEqual(["绿化班"]);
    expect(press(input(), "Enter").defaultPrevented).toBe(true);
    expect(find<HTMLSelectElement>("select").value).toBe("3");
    expect(input().value).toBe("绿化班");
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it("does not take while an input method is composing", () => {
    type(input(), "绿");
    press(input(), "Enter", { isComposing: true });
    expect(find<HTMLSelectElement>("select").value).toBe("");
  });

  it("walks with the arrows, in a ring", () => {
    press(input(), "ArrowDown");
    press(input(), "ArrowUp");
    press(input(), "Enter");
    expect(input().value).toBe("停车场");
  });

  it("says when nothing fits, and Escape brings the old choice back", () => {
    choose(find<HTMLSelectElement>("select"), "5");
    type(input(), "没有这个");
    expect(find(".choice-empty").textContent).toBe("没有");
    press(input(), "Escape");
    expect(input().value).toBe("保安部");
    expect(find(".choice-list").hidden).toBe(true);
  });

  it("takes the choice back when the field is emptied", () => {
    choose(find<HTMLSelectElement>("select"), "5");
    type(input(), "");
    input().dispatchEvent(new Event("blur"));
    expect(find<HTMLSelectElement>("select").value).toBe("");
  });

  it("tells the form of a choice only, never of the words typed to find it", () => {
    const told = vi.fn();
    find("form").addEventListener("change", told);
    type(input(), "保");
    input().dispatchEvent(new Event("change", { bubbles: true }));
    expect(told).not.toHaveBeenCalled();
    press(input(), "Enter");
    expect(told).toHaveBeenCalledOnce();
  });

  it("holds several as chips", () => {
    page(`<kefu-select><select multiple name="units">${OPTIONS}</select></kefu-select>`);
    for (const name of ["绿化", "保洁"]) {
      type(input(), name);
      press(input(), "Enter");
    }
    const chosen = (): string[] => [...find<HTMLSelectElement>("select").selectedOptions].map((one) => one.text);
    expect(chosen()).toEqual(["绿化班", "保洁班"]);
    find<HTMLButtonElement>("[data-value='3']").click();
    expect(chosen()).toEqual(["保洁班"]);
    press(input(), "Backspace");
    expect(chosen()).toEqual([]);
  });

  it("asks the server where there are too many, and takes a choice the page did not have", async () => {
    vi.useFakeTimers();
    const asked = vi.fn<(address: URL) => Promise<Response>>(() => Promise.resolve(new Response('<option value="77">刘洋 021</option>')));
    vi.stubGlobal("fetch", asked);
    page('<kefu-select src="/people/options"><select name="owner"><option value=""></option></select></kefu-select>');
    type(input(), "刘");
    await vi.advanceTimersByTimeAsync(250);
    vi.useRealTimers();
    await settle();
    expect(asked.mock.calls[0]?.[0].searchParams.get("q")).toBe("刘");
    expect(offered()).toEqual(["刘洋 021"]);
    press(input(), "Enter");
    expect(find<HTMLSelectElement>("select").value).toBe("77");
  });
});
