// <kefu-columns for="table-id"> and <kefu-batch for="table-id">: which columns are seen, which rows are ticked.
import { define, make, recall, remember } from "./dom";
import { fill, text } from "./texts";

interface Column {
  name: string;
  label: string;
  optional: boolean;
}

function tableOf(island: HTMLElement): HTMLTableElement | null {
  const found = document.getElementById(island.getAttribute("for") ?? "");
  return found instanceof HTMLTableElement ? found : null;
}

export class KefuColumns extends HTMLElement {
  private readonly rules = make("style");
  private hiddenOnes = new Set<string>();

  connectedCallback(): void {
    // The table may stand after this element.
    queueMicrotask(() => this.attach());
  }

  private attach(): void {
    const table = tableOf(this);
    if (!table || this.querySelector("details")) return;
    const columns = this.columns(table);
    if (columns.length === 0) return;
    const kept = recall("local", this.key());
    const names = Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : null;
    this.hiddenOnes = new Set(names ?? columns.filter((column) => column.optional).map((column) => column.name));
    this.append(this.rules, this.menu(columns));
    this.draw();
  }

  private key(): string {
    return `columns:${this.dataset["key"] ?? `${location.pathname}#${this.getAttribute("for") ?? ""}`}`;
  }

  private columns(table: HTMLTableElement): Column[] {
    return [...table.querySelectorAll<HTMLElement>("thead [data-column]:not([data-fixed])")].map((head) => ({
      name: head.dataset["column"] ?? "",
      label: head.textContent.trim(),
      optional: head.dataset["optional"] !== undefined,
    }));
  }

  private menu(columns: Column[]): HTMLElement {
    const items = columns.map((column) => {
      const box = make("input", { type: "checkbox", class: "form-check-input m-0 me-2", change: () => this.toggle(column.name, box.checked) });
      box.checked = !this.hiddenOnes.has(column.name);
      return make("label", { class: "dropdown-item" }, box, column.label);
    });
    const opener = make("summary", { class: "btn" }, this.dataset["label"] ?? text("columns"));
    return make("details", { class: "dropdown pop" }, opener, make("div", { class: "dropdown-menu dropdown-menu-end show" }, ...items));
  }

  private toggle(name: string, shown: boolean): void {
    if (shown) this.hiddenOnes.delete(name);
    else this.hiddenOnes.add(name);
    remember("local", this.key(), [...this.hiddenOnes]);
    this.draw();
  }

  /** One style rule hides the column in rows that arrive later too. */
  private draw(): void {
    const table = CSS.escape(this.getAttribute("for") ?? "");
    const selectors = [...this.hiddenOnes].map((name) => `#${table} [data-column="${CSS.escape(name)}"]`);
    this.rules.textContent = selectors.length > 0 ? `${selectors.join(",")}{display:none}` : "";
  }
}

export class KefuBatch extends HTMLElement {
  private table: HTMLTableElement | null = null;
  private last: HTMLInputElement | null = null;
  private readonly count = make("strong", { class: "batch-count me-2", "aria-live": "polite" });
  private watcher: MutationObserver | null = null;

  connectedCallback(): void {
    if (!this.count.isConnected) this.prepend(this.count);
    // The table may stand after this element.
    queueMicrotask(() => this.attach());
  }

  disconnectedCallback(): void {
    this.watcher?.disconnect();
    this.table?.removeEventListener("click", this.onClick);
    this.table = null;
  }

  private attach(): void {
    this.table = tableOf(this);
    if (!this.table) return;
    this.table.addEventListener("click", this.onClick);
    this.watcher = new MutationObserver(() => this.draw());
    this.watcher.observe(this.table, { childList: true, subtree: true });
    this.draw();
  }

  private boxes(): HTMLInputElement[] {
    return [...(this.table?.querySelectorAll<HTMLInputElement>("tbody input[type=checkbox][name=id]") ?? [])];
  }

  /** The ticked ids. */
  get ids(): string[] {
    return this.boxes().flatMap((box) => (box.checked ? [box.value] : []));
  }

  private readonly onClick = (event: MouseEvent): void => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if (box.dataset["batchAll"] !== undefined) for (const one of this.boxes()) one.checked = box.checked;
    else if (box.name === "id") this.extend(box, event.shiftKey);
    this.draw();
  };

  /** With Shift, all between the last tick and this one follow. */
  private extend(box: HTMLInputElement, range: boolean): void {
    const boxes = this.boxes();
    const [from, to] = [this.last ? boxes.indexOf(this.last) : -1, boxes.indexOf(box)];
    if (range && from >= 0) for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
    this.last = box;
  }

  private draw(): void {
    const boxes = this.boxes();
    const ticked = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr")?.classList.toggle("is-picked", box.checked);
    const all = this.table?.querySelector<HTMLInputElement>("[data-batch-all]");
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    this.hidden = ticked === 0;
    const words = fill(this.dataset["count"] ?? "{}", ticked);
    if (this.count.textContent !== words) this.count.textContent = words;
  }
}

define("kefu-columns", KefuColumns);
define("kefu-batch", KefuBatch);
