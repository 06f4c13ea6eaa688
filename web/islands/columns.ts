// <kefu-columns for="table-id">: which columns of a list are seen, and in which order. A saved view decides for itself (data-columns of the bar of
// views) and is told the choice when it is kept; elsewhere the choice is remembered in the browser.
import { define, make, recall, remember } from "./dom";
import { tableOf } from "./table";
import { text } from "./texts";

interface Column {
  name: string;
  label: string;
  shown: boolean;
}

const VIEWS = ".saved-views";

export class KefuColumns extends HTMLElement {
  private readonly rules = make("style");
  private columns: Column[] = [];
  private moved = false;
  private watcher: MutationObserver | null = null;
  private list: HTMLElement | null = null;

  connectedCallback(): void {
    // The table may stand after this element.
    queueMicrotask(() => this.attach());
  }

  disconnectedCallback(): void {
    this.watcher?.disconnect();
    document.removeEventListener("submit", this.onSubmit, true);
  }

  private attach(): void {
    const table = tableOf(this);
    if (!table) return;
    document.addEventListener("submit", this.onSubmit, true);
    this.watcher = new MutationObserver(() => this.arrange());
    if (!this.list) {
      this.columns = this.chosen(table);
      if (this.columns.length === 0) return;
      this.list = make("div", { class: "dropdown-menu dropdown-menu-end show column-menu" });
      const opener = make("summary", { class: "btn btn-sm" }, this.dataset["label"] ?? text("columns"));
      this.append(this.rules, make("details", { class: "dropdown pop" }, opener, this.list));
    }
    this.draw();
  }

  private key(): string {
    return `shown-columns:${this.dataset["key"] ?? `${location.pathname}#${this.getAttribute("for") ?? ""}`}`;
  }

  /** The columns of the table as the view, the memory or the page wants them. */
  private chosen(table: HTMLTableElement): Column[] {
    const all = [...table.querySelectorAll<HTMLElement>("thead [data-column]:not([data-fixed])")].map((head) => ({
      name: head.dataset["column"] ?? "",
      label: head.textContent.trim(),
      shown: head.dataset["optional"] === undefined,
    }));
    const ofView = document.querySelector<HTMLElement>(VIEWS)?.dataset["columns"]?.split(" ").filter(Boolean);
    const kept = ofView ?? recall("local", this.key());
    if (!Array.isArray(kept)) return all;
    const order = kept.filter((one): one is string => typeof one === "string");
    this.moved = order.length > 0;
    const place = (column: Column): number => (order.includes(column.name) ? order.indexOf(column.name) : order.length);
    for (const column of all) column.shown = order.includes(column.name);
    return all.toSorted((a, b) => place(a) - place(b));
  }

  private menu(): HTMLElement[] {
    return this.columns.map((column, at) => {
      const box = make("input", { type: "checkbox", class: "form-check-input m-0 me-2", change: () => this.show(column, box.checked) });
      box.checked = column.shown;
      const move = (by: number, sign: string, label: string): HTMLElement => {
        const press = (): void => this.move(at, at + by, `${column.name}${by}`);
        const button = make("button", { type: "button", class: "btn btn-sm btn-ghost-secondary", "data-move": `${column.name}${by}`, "aria-label": `${label}: ${column.label}`, title: label, click: press }, sign);
        button.disabled = at + by < 0 || at + by >= this.columns.length;
        return button;
      };
      const words = make("label", { class: "dropdown-item" }, box, column.label);
      return make("div", { class: "column-choice" }, words, move(-1, "↑", text("move_up")), move(1, "↓", text("move_down")));
    });
  }

  private show(column: Column, shown: boolean): void {
    column.shown = shown;
    this.keep();
    this.apply();
  }

  private move(from: number, to: number, focus: string): void {
    const [column] = this.columns.splice(from, 1);
    if (column) this.columns.splice(to, 0, column);
    this.moved = true;
    this.keep();
    this.draw();
    this.querySelector<HTMLElement>(`[data-move="${CSS.escape(focus)}"]`)?.focus();
  }

  private keep(): void {
    if (!document.querySelector<HTMLElement>(VIEWS)?.dataset["columns"]) remember("local", this.key(), this.shown());
  }

  /** The names of the columns seen, in their order. */
  shown(): string[] {
    return this.columns.flatMap((column) => (column.shown ? [column.name] : []));
  }

  private draw(): void {
    this.list?.replaceChildren(...this.menu());
    this.apply();
  }

  private apply(): void {
    // One style rule hides a column in rows that arrive later too.
    const table = CSS.escape(this.getAttribute("for") ?? "");
    const selectors = this.columns.filter((column) => !column.shown).map((column) => `#${table} [data-column="${CSS.escape(column.name)}"]`);
    this.rules.textContent = selectors.length > 0 ? `${selectors.join(",")}{display:none}` : "";
    this.arrange();
  }

  /** Put the cells of every row into the order chosen; rows that arrive later come through the watcher. */
  private arrange(): void {
    const table = tableOf(this);
    if (!table || !this.moved) return;
    this.watcher?.disconnect();
    const names = this.columns.map((column) => column.name);
    for (const row of table.rows) {
      const cells = [...row.querySelectorAll<HTMLElement>(":scope > [data-column]")];
      const place = (cell: HTMLElement): number => names.indexOf(cell.dataset["column"] ?? "");
      const wanted = cells.toSorted((a, b) => place(a) - place(b));
      if (wanted.some((cell, at) => cell !== cells[at])) row.append(...wanted);
    }
    this.watcher?.observe(table, { childList: true, subtree: true });
  }

  /** A view that is kept learns the columns. */
  private readonly onSubmit = (event: Event): void => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-keeps-columns]")) return;
    for (const old of form.querySelectorAll("input[name=columns]")) old.remove();
    form.append(...this.shown().map((name) => make("input", { type: "hidden", name: "columns", value: name })));
  };
}

define("kefu-columns", KefuColumns);
