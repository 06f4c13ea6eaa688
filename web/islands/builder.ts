// <kefu-builder name="tree">: builds a condition by clicks. Fields and spans come as JSON; the hidden input carries the tree as JSON.
import { valueInputs, type Spans } from "./builder-value";
import { define, make, option } from "./dom";
import { text } from "./texts";
import { NO_VALUE, readGroup, startValue, write, type Field, type Group, type Node, type Test } from "./tree";

const DEEPEST = 7;
const JOINS = { all: "all_of", any: "any_of", not: "not" } as const;

function parsed(element: Element | null): unknown {
  try {
    return JSON.parse(element?.textContent ?? "null");
  } catch {
    return null;
  }
}

function isField(value: unknown): value is Field {
  return typeof value === "object" && value !== null && "code" in value && "ops" in value && Array.isArray(value.ops);
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string";
}

export class KefuBuilder extends HTMLElement {
  private fields: Field[] = [];
  private spans: Spans = [];
  private root: Group = { type: "group", join: "all", parts: [] };
  private input: HTMLInputElement | null = null;
  private place: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.place) return;
    const fields = parsed(this.querySelector("script[data-fields]"));
    this.fields = Array.isArray(fields) ? fields.filter(isField) : [];
    const spans = parsed(this.querySelector("script[data-spans]"));
    this.spans = Array.isArray(spans) ? spans.filter(isPair) : [];
    this.input = this.querySelector("input[type=hidden]");
    if (this.fields.length === 0 || !this.input) return; // the plain form stays
    try {
      this.root = readGroup(JSON.parse(this.input.value || "{}"));
    } catch {
      this.root = readGroup({});
    }
    this.querySelector("[data-plain]")?.remove();
    this.place = make("div", { class: "builder" });
    this.append(this.place);
    this.draw();
  }

  /** The condition as JSON. */
  get tree(): object {
    return write(this.root) ?? {};
  }

  private draw(): void {
    this.place?.replaceChildren(this.group(this.root, null, 0));
  }

  /** Carry the tree to the form; `redraw` when rows came or went. */
  private changed(redraw: boolean): void {
    if (!this.input) return;
    this.input.value = JSON.stringify(this.tree);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.dispatchEvent(new CustomEvent("kefu-builder-change", { bubbles: true, detail: this.tree }));
    if (redraw) this.draw();
  }

  private group(group: Group, parent: Group | null, depth: number): HTMLElement {
    const join = make("select", { class: "form-select", "aria-label": text("all_of") });
    for (const [code, key] of Object.entries(JOINS)) join.add(option(text(key), code, code === group.join));
    join.addEventListener("change", () => {
      group.join = join.value === "any" || join.value === "not" ? join.value : "all";
      this.changed(true);
    });
    const head = make("div", { class: "builder-row" }, join, ...(parent ? [this.remover(parent, group)] : []));
    const parts = group.parts.map((part) => (part.type === "group" ? this.group(part, group, depth + 1) : this.test(part, group)));
    const adders = [this.adder("add_condition", () => group.parts.push(this.newTest()))];
    if (depth < DEEPEST) adders.push(this.adder("add_group", () => group.parts.push({ type: "group", join: "any", parts: [this.newTest()] })));
    const box = make("div", { class: "builder-group", role: "group", "data-join": group.join }, head, ...parts);
    box.append(make("div", { class: "builder-foot" }, ...adders));
    box.setAttribute("aria-label", text(JOINS[group.join]));
    return box;
  }

  private adder(key: "add_condition" | "add_group", add: () => void): HTMLElement {
    const press = (): void => {
      add();
      this.changed(true);
    };
    return make("button", { type: "button", class: "btn btn-sm", click: press }, text(key));
  }

  private remover(parent: Group, part: Node): HTMLElement {
    const press = (): void => {
      parent.parts = parent.parts.filter((one) => one !== part);
      this.changed(true);
    };
    return make("button", { type: "button", class: "btn-close", "aria-label": text("remove"), click: press });
  }

  private newTest(): Test {
    const field = this.fields[0];
    const op = field?.ops[0]?.[0] ?? "eq";
    return { type: "test", field: field?.code ?? "", op, value: field ? startValue(field, op, null) : "" };
  }

  private test(test: Test, parent: Group): HTMLElement {
    const field = this.fields.find((one) => one.code === test.field);
    const row = make("div", { class: "builder-row" }, this.fieldSelect(test, field));
    if (field) {
      row.append(this.opSelect(test, field));
      if (!NO_VALUE.has(test.op)) row.append(...this.values(test, field));
    }
    row.append(this.remover(parent, test));
    return row;
  }

  private values(test: Test, field: Field): HTMLElement[] {
    return valueInputs(
      field,
      test,
      this.spans,
      (value) => {
        test.value = value;
        this.changed(false);
      },
      () => this.draw(),
    );
  }

  private fieldSelect(test: Test, field: Field | undefined): HTMLElement {
    const select = make("select", { class: "form-select", "aria-label": text("field") });
    if (!field) select.add(option(test.field, test.field, true));
    for (const one of this.fields) select.add(option(one.name, one.code, one.code === test.field));
    select.addEventListener("change", () => {
      const chosen = this.fields.find((one) => one.code === select.value);
      if (!chosen) return;
      test.field = chosen.code;
      test.op = chosen.ops[0]?.[0] ?? "eq";
      test.value = startValue(chosen, test.op, null);
      this.changed(true);
    });
    return select;
  }

  private opSelect(test: Test, field: Field): HTMLElement {
    const select = make("select", { class: "form-select", "aria-label": text("operator") });
    for (const [op, label] of field.ops) select.add(option(label, op, op === test.op));
    select.addEventListener("change", () => {
      test.op = select.value;
      test.value = startValue(field, test.op, test.value);
      this.changed(true);
    });
    return select;
  }
}

define("kefu-builder", KefuBuilder);
