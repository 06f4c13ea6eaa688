// What stands behind the comparison: a text, a date, choices, a span of time; drawn by the kind of the field.
import { make, option } from "./dom";
import { text } from "./texts";
import { LISTS, type Field, type Plain, type Span, type Test, type Value } from "./tree";

export type Spans = readonly (readonly [string, string])[];
type Change = (value: Value) => void;

const UNITS = ["minute", "hour", "day", "week", "month"] as const;
const INPUTS: Partial<Record<string, string>> = { number: "number", date: "date", datetime: "datetime-local" };

function inputOf(field: Field, value: Plain | undefined, label: string, change: (value: Plain) => void): HTMLInputElement {
  const input = make("input", { class: "form-control", type: INPUTS[field.kind] ?? "text", "aria-label": label, maxlength: "200" });
  if (field.kind === "number") input.step = "any";
  input.value = String(value ?? "");
  input.addEventListener("input", () => {
    const typed = input.value.trim();
    change(field.kind === "number" && typed !== "" ? Number(typed) : typed);
  });
  return input;
}

/** Words separated by commas, Chinese ones too. */
export function splitWords(typed: string): string[] {
  return typed.split(/[,，、;；\n]/).map((word) => word.trim()).filter(Boolean);
}

function listInput(field: Field, value: Value, change: Change): HTMLElement {
  const input = make("input", { class: "form-control", type: "text", "aria-label": text("value"), placeholder: "a, b, c" });
  input.value = Array.isArray(value) ? value.join(", ") : "";
  input.addEventListener("input", () => {
    const words = splitWords(input.value);
    change(field.kind === "number" ? words.map(Number).filter((one) => !Number.isNaN(one)) : words);
  });
  return input;
}

function choiceInput(field: Field, value: Value, many: boolean, change: Change): HTMLElement {
  const chosen = new Set<Plain>(Array.isArray(value) ? value : value === null || typeof value === "object" ? [] : [value]);
  const select = make("select", { class: "form-select", "aria-label": text("value"), multiple: many });
  if (!many) select.add(option("", ""));
  const known = new Set(field.choices.map(([code]) => code));
  const strangers = [...chosen].filter((code) => code !== "" && !known.has(code)).map((code): [Plain, string] => [code, String(code)]);
  const choices = [...field.choices, ...strangers];
  choices.forEach(([code, label], at) => select.add(option(label, String(at), chosen.has(code))));
  select.addEventListener("change", () => {
    const picked = [...select.selectedOptions].flatMap((one) => (one.value === "" ? [] : [choices[Number(one.value)]?.[0] ?? ""]));
    change(many ? picked : (picked[0] ?? ""));
  });
  const wrapper = document.createElement("kefu-select");
  wrapper.append(select);
  return wrapper;
}

function boolInput(value: Value, change: Change): HTMLElement {
  const select = make("select", { class: "form-select", "aria-label": text("value") });
  select.add(option(text("yes"), "true", value !== false));
  select.add(option(text("no"), "false", value === false));
  select.addEventListener("change", () => change(select.value === "true"));
  return select;
}

function isSpan(value: Value): value is Span {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function amountInputs(span: Span, change: Change): HTMLElement[] {
  const way = "last" in span ? "last" : "next";
  const amount = make("input", { class: "form-control", type: "number", min: "1", max: "9999", "aria-label": text("value") });
  amount.value = String("last" in span ? span.last : span.next);
  const unit = make("select", { class: "form-select", "aria-label": text("unit") });
  for (const one of UNITS) unit.add(option(text(`unit_${one}`), one, one === span.unit));
  const tell = (): void => {
    const n = Math.max(1, Math.trunc(Number(amount.value) || 1));
    change(way === "last" ? { last: n, unit: unit.value } : { next: n, unit: unit.value });
  };
  amount.addEventListener("input", tell);
  unit.addEventListener("change", tell);
  return [amount, unit];
}

function spanInput(value: Value, spans: Spans, change: Change, redraw: () => void): HTMLElement[] {
  const now = isSpan(value) ? ("last" in value ? "last" : "next") : typeof value === "string" ? value : "";
  const select = make("select", { class: "form-select", "aria-label": text("value") });
  const options = [["", ""], ...spans, ["last", text("the_last")], ["next", text("the_next")]] as const;
  for (const [code, label] of options) select.add(option(label, code, code === now));
  select.addEventListener("change", () => {
    if (select.value === "last") change({ last: 7, unit: "day" });
    else if (select.value === "next") change({ next: 7, unit: "day" });
    else change(select.value);
    redraw();
  });
  return [select, ...(isSpan(value) ? amountInputs(value, change) : [])];
}

function betweenInputs(field: Field, value: Value, change: Change): HTMLElement[] {
  const both: Plain[] = Array.isArray(value) ? [value[0] ?? "", value[1] ?? ""] : ["", ""];
  const put = (at: number) => (one: Plain) => {
    both[at] = one;
    change([...both]);
  };
  return [inputOf(field, both[0], text("from"), put(0)), inputOf(field, both[1], text("to"), put(1))];
}

/** The controls for the value of a test. `redraw` is called when they must be drawn anew. */
export function valueInputs(field: Field, test: Test, spans: Spans, change: Change, redraw: () => void): HTMLElement[] {
  if (test.op === "within") return spanInput(test.value, spans, change, redraw);
  if (test.op === "between") return betweenInputs(field, test.value, change);
  if (field.kind === "bool") return [boolInput(test.value, change)];
  if (field.choices.length > 0) return [choiceInput(field, test.value, LISTS.has(test.op), change)];
  if (LISTS.has(test.op)) return [listInput(field, test.value, change)];
  const value = test.value === null || typeof test.value === "object" ? "" : test.value;
  return [inputOf(field, value, text("value"), change)];
}
