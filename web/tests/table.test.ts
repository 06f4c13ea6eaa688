import { afterEach, beforeEach, describe, expect, it } from "vitest";
import "../islands/columns";
import "../islands/table";
import { find, page, settle } from "./helpers";

const ROW = (id: number): string => `<tr><td><input type="checkbox" name="id" value="${id}"></td><td data-column="no">${id}</td><td data-column="unit">u</td><td data-column="late">0</td></tr>`;
const TABLE = `<kefu-columns for="t" data-label="列"></kefu-columns><kefu-batch for="t" data-count="已选 {} 条" hidden><button>go</button></kefu-batch>
  <table id="t"><thead><tr><th><input type="checkbox" data-batch-all></th><th data-column="no" data-fixed>No</th><th data-column="unit">单位</th><th data-column="late" data-optional>超时</th></tr></thead>
  <tbody>${[1, 2, 3, 4].map(ROW).join("")}</tbody></table>`;

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("tbody input")];
}

describe("tables", () => {
  beforeEach(async () => {
    localStorage.clear();
    page(TABLE);
    await settle();
  });
  afterEach(() => page(""));

  it("hides optional columns at first, offers all but the fixed ones, and remembers the choice", async () => {
    expect(find("style", find("kefu-columns")).textContent).toBe('#t [data-column="late"]{display:none}');
    const labels = [...document.querySelectorAll<HTMLElement>("kefu-columns label")];
    expect(labels.map((label) => label.textContent)).toEqual(["单位", "超时"]);
    for (const label of labels) find<HTMLInputElement>("input", label).click();
    expect(find("style", find("kefu-columns")).textContent).toBe('#t [data-column="unit"]{display:none}');
    page(TABLE);
    await settle();
    expect(find("style", find("kefu-columns")).textContent).toBe('#t [data-column="unit"]{display:none}');
  });

  it("moves a column, in rows that come later too", async () => {
    const heads = (): string[] => [...document.querySelectorAll<HTMLElement>("thead [data-column]")].map((head) => head.dataset["column"] ?? "");
    find<HTMLButtonElement>('[data-move="late-1"]').click();
    expect(heads()).toEqual(["no", "late", "unit"]);
    find("tbody").insertAdjacentHTML("beforeend", ROW(5));
    await settle();
    expect([...find("tbody tr:last-child").children].map((cell) => cell.textContent)).toEqual(["", "5", "0", "u"]);
  });

  it("takes the columns of the view on screen, and tells them when a view is kept", async () => {
    page(`<div class="saved-views" data-columns="late"><form data-keeps-columns></form></div>${TABLE}`);
    await settle();
    expect(find("style", find("kefu-columns")).textContent).toBe('#t [data-column="unit"]{display:none}');
    find<HTMLInputElement>(".column-choice:nth-child(2) input").click();
    const form = find<HTMLFormElement>("form");
    form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    expect(new FormData(form).getAll("columns")).toEqual(["late", "unit"]);
    expect(localStorage.length).toBe(0);
  });

  it("shows the bar when rows are ticked and counts them", () => {
    const bar = find("kefu-batch");
    expect(bar.hidden).toBe(true);
    boxes()[1]?.click();
    expect([bar.hidden, find(".batch-count").textContent]).toEqual([false, "已选 1 条"]);
    expect(find("tbody tr:nth-child(2)").classList.contains("is-picked")).toBe(true);
    expect(find<HTMLInputElement>("[data-batch-all]").indeterminate).toBe(true);
  });

  it("ticks all, and ranges with Shift", () => {
    find<HTMLInputElement>("[data-batch-all]").click();
    expect(boxes().every((box) => box.checked)).toBe(true);
    find<HTMLInputElement>("[data-batch-all]").click();
    expect(find("kefu-batch").hidden).toBe(true);
    boxes()[0]?.click();
    boxes()[2]?.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true, cancelable: true }));
    expect(boxes().map((box) => box.checked)).toEqual([true, true, true, false]);
  });

  it("follows rows that come and go", async () => {
    for (const box of boxes()) box.click();
    find("tbody tr").remove();
    await settle();
    expect(find(".batch-count").textContent).toBe("已选 3 条");
  });
});
