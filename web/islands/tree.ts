// The condition language of kefu.engines.filters as the builder holds it: groups of tests, to and from JSON.
export type Plain = string | number | boolean;
export type Span = { last: number; unit: string } | { next: number; unit: string };
export type Value = Plain | Plain[] | Span | null;

export interface Test {
  type: "test";
  field: string;
  op: string;
  value: Value;
}

export interface Group {
  type: "group";
  join: "all" | "any" | "not";
  parts: Node[];
}

export type Node = Test | Group;
export type Json = { [key: string]: unknown };

/** One field as kefu.engines.filters.queries.described gives it. */
export interface Field {
  code: string;
  name: string;
  kind: string;
  ops: [string, string][];
  choices: [Plain, string][];
}

export const NO_VALUE: ReadonlySet<string> = new Set(["empty", "not_empty"]);
export const LISTS: ReadonlySet<string> = new Set(["in", "not_in"]);

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A value as the tree may carry it; anything else is null. */
export function valueOf(raw: unknown): Value {
  if (isPlain(raw)) return raw;
  if (Array.isArray(raw)) return raw.filter(isPlain);
  if (isJson(raw) && typeof raw["unit"] === "string") {
    if (typeof raw["last"] === "number") return { last: raw["last"], unit: raw["unit"] };
    if (typeof raw["next"] === "number") return { next: raw["next"], unit: raw["unit"] };
  }
  return null;
}

/** Read a tree; what is no condition becomes an empty group. */
export function read(raw: unknown): Node {
  if (isJson(raw)) {
    if (typeof raw["field"] === "string") {
      return { type: "test", field: raw["field"], op: typeof raw["op"] === "string" ? raw["op"] : "eq", value: valueOf(raw["value"]) };
    }
    for (const join of ["all", "any"] as const) {
      const parts = raw[join];
      if (Array.isArray(parts)) return { type: "group", join, parts: parts.map(read) };
    }
    if (isJson(raw["not"])) {
      const inner = read(raw["not"]);
      return { type: "group", join: "not", parts: inner.type === "group" && inner.join === "all" ? inner.parts : [inner] };
    }
  }
  return { type: "group", join: "all", parts: [] };
}

/** Read a tree whose outermost node is a group. */
export function readGroup(raw: unknown): Group {
  const node = read(raw);
  return node.type === "group" ? node : { type: "group", join: "all", parts: [node] };
}

/** Whether a test says enough to be sent. */
export function isWhole(test: Test): boolean {
  if (test.field === "" || test.op === "") return false;
  if (NO_VALUE.has(test.op)) return true;
  if (Array.isArray(test.value)) return test.op === "between" ? test.value.length === 2 && !test.value.includes("") : test.value.length > 0;
  return test.value !== null && test.value !== "";
}

/** The JSON of a node, without what is not whole; null for nothing. */
export function write(node: Node): Json | null {
  if (node.type === "test") {
    if (!isWhole(node)) return null;
    return NO_VALUE.has(node.op) ? { field: node.field, op: node.op } : { field: node.field, op: node.op, value: node.value };
  }
  const parts = node.parts.map(write).filter((part) => part !== null);
  if (parts.length === 0) return null;
  if (node.join !== "not") return { [node.join]: parts };
  return { not: parts.length === 1 ? parts[0] : { all: parts } };
}

/** The value a test has when its field or comparison was just chosen: kept if it still fits, else a sensible beginning. */
export function startValue(field: Field, op: string, before: Value): Value {
  if (NO_VALUE.has(op)) return null;
  if (op === "within") return typeof before === "string" || (typeof before === "object" && !Array.isArray(before)) ? before : null;
  const plain = isPlain(before) ? before : Array.isArray(before) ? (before[0] ?? "") : "";
  if (LISTS.has(op)) return Array.isArray(before) ? before : plain === "" ? [] : [plain];
  if (op === "between") return [plain, Array.isArray(before) ? (before[1] ?? "") : ""];
  if (field.kind === "bool") return typeof before === "boolean" ? before : true;
  return plain;
}
