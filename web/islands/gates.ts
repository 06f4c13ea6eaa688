// Fields that depend on others: data-show-when="paid=yes" shows a part, data-gate="price_told" opens a button, by the values of the same form.
// The condition may also be a tree of the condition language (JSON).

/** All values of one name in a form; an unticked box has none. */
function valuesOf(form: HTMLFormElement, name: string): string[] {
  return new FormData(form)
    .getAll(name)
    .map((value) => (typeof value === "string" ? value : value.name))
    .filter((value) => value !== "");
}

/** Whether "a", "a=1|2", "a!=1" joined by "&" holds for `values`. */
export function holds(condition: string, values: (name: string) => string[]): boolean {
  return condition.split("&").every((part) => {
    const found = /^\s*([^=!\s]+)\s*(?:(!?=)\s*(.*?))?\s*$/.exec(part);
    if (!found) return false;
    const [, name = "", operator, wanted = ""] = found;
    const there = values(name);
    if (!operator) return there.length > 0;
    const hit = there.some((value) => wanted.split("|").includes(value));
    return operator === "=" ? hit : !hit;
  });
}

type Values = (name: string) => string[];

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As numbers where both are, else as texts (dates are written so that this is right). */
function compare(one: string, other: string): number {
  const both = one !== "" && other !== "" ? Number(one) - Number(other) : Number.NaN;
  if (!Number.isNaN(both)) return both;
  return one < other ? -1 : Number(one > other);
}

/** A test of the condition language against what is filled in. */
function testHolds(test: Record<string, unknown>, values: Values): boolean {
  const there = values(String(test["field"]));
  const op = typeof test["op"] === "string" ? test["op"] : "eq";
  const raw: unknown = test["value"];
  const wanted = (Array.isArray(raw) ? raw : [raw]).map((one) => (typeof one === "boolean" ? (one ? "true" : "") : String(one ?? "")));
  if (op === "empty") return there.length === 0;
  if (op === "not_empty") return there.length > 0;
  if (op === "eq" && raw === false) return there.length === 0 || there.includes("false");
  if (op === "eq" || op === "in") return there.some((one) => wanted.includes(one) || (raw === true && (one === "on" || one === "1")));
  if (op === "ne" || op === "not_in") return there.length > 0 && !there.some((one) => wanted.includes(one));
  if (op === "contains") return there.some((one) => one.includes(wanted[0] ?? ""));
  if (op === "starts") return there.some((one) => one.startsWith(wanted[0] ?? ""));
  return there.some((one) => {
    const first = compare(one, wanted[0] ?? "");
    if (op === "between") return first >= 0 && compare(one, wanted[1] ?? "") <= 0;
    return { lt: first < 0, le: first <= 0, gt: first > 0, ge: first >= 0 }[op] ?? true; // what the page cannot judge, the server does
  });
}

/** Whether a tree of kefu.engines.filters holds for what is filled in. */
export function treeHolds(tree: unknown, values: Values): boolean {
  if (!isTree(tree)) return true;
  if (typeof tree["field"] === "string") return testHolds(tree, values);
  if (Array.isArray(tree["all"])) return tree["all"].every((part) => treeHolds(part, values));
  if (Array.isArray(tree["any"])) return tree["any"].some((part) => treeHolds(part, values));
  return "not" in tree ? !treeHolds(tree["not"], values) : true;
}

function conditionHolds(condition: string, values: Values): boolean {
  if (!condition.trimStart().startsWith("{")) return holds(condition, values);
  try {
    return treeHolds(JSON.parse(condition), values);
  } catch {
    return true;
  }
}

function setShown(part: HTMLElement, shown: boolean): void {
  part.hidden = !shown;
  for (const field of part.querySelectorAll<HTMLInputElement>("input, select, textarea, button")) {
    if (!shown && !field.disabled) {
      field.disabled = true;
      field.dataset["gated"] = "";
    } else if (shown && field.dataset["gated"] !== undefined && !field.closest("[data-show-when][hidden]")) {
      field.disabled = false;
      delete field.dataset["gated"];
    }
  }
}

function setOpen(gate: HTMLElement, open: boolean): void {
  gate.toggleAttribute("disabled", !open);
  const reason = gate.dataset["gateReason"] ? document.getElementById(gate.dataset["gateReason"]) : null;
  if (!reason) return;
  reason.hidden = open;
  if (open) gate.removeAttribute("aria-describedby");
  else gate.setAttribute("aria-describedby", reason.id);
}

/** Bring shown parts and open buttons in line with what is filled in. */
export function settleGates(form: HTMLFormElement): void {
  const values = (name: string): string[] => valuesOf(form, name);
  for (const part of form.querySelectorAll<HTMLElement>("[data-show-when]")) setShown(part, conditionHolds(part.dataset["showWhen"] ?? "", values));
  for (const gate of form.querySelectorAll<HTMLElement>("[data-gate]")) setOpen(gate, conditionHolds(gate.dataset["gate"] ?? "", values));
}
