import { describe, expect, it } from "vitest";
import { read, readGroup, startValue, write, type Field } from "../islands/tree";

const FIELD: Field = { code: "state", name: "状态", kind: "choice", ops: [["in", "属于"]], choices: [["open", "待办"]] };

describe("the condition tree", () => {
  it("goes to JSON and back unchanged", () => {
    for (const tree of [
      { all: [{ field: "state", op: "in", value: ["open", "late"] }, { any: [{ field: "n", op: "between", value: [1, 5] }, { field: "x", op: "empty" }] }] },
      { any: [{ field: "paid", op: "eq", value: true }] },
      { not: { field: "state", op: "eq", value: "open" } },
      { not: { all: [{ field: "a", op: "eq", value: 1 }, { field: "b", op: "eq", value: 0 }] } },
      { all: [{ field: "at", op: "within", value: { last: 7, unit: "day" } }, { field: "at", op: "within", value: "today" }] },
      { field: "state", op: "eq", value: "open" },
    ]) expect(write(read(tree))).toEqual(tree);
  });

  it("leaves out what is not whole", () => {
    expect(write(readGroup({ all: [{ field: "a", op: "eq", value: "" }, { field: "b", op: "in", value: [] }, { any: [] }, { field: "c", op: "between", value: [1, ""] }] }))).toBeNull();
    expect(write(readGroup({ all: [{ field: "", op: "eq", value: 1 }, { field: "b", op: "eq", value: 0 }] }))).toEqual({ all: [{ field: "b", op: "eq", value: 0 }] });
  });

  it("reads nonsense as an empty group", () => {
    for (const bad of [null, 7, "x", [], {}, { all: 3 }, { not: [] }]) expect(write(readGroup(bad))).toBeNull();
  });

  it("keeps a value that still fits another comparison", () => {
    expect(startValue(FIELD, "in", "open")).toEqual(["open"]);
    expect(startValue(FIELD, "eq", ["open", "late"])).toBe("open");
    expect(startValue(FIELD, "empty", "open")).toBeNull();
    expect(startValue(FIELD, "between", 3)).toEqual([3, ""]);
    expect(startValue({ ...FIELD, kind: "bool" }, "eq", "")).toBe(true);
  });
});
