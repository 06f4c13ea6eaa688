// <kefu-batch for="table-id">: which rows are ticked. (Columns: columns.ts.)
import { define, make } from "./dom";
import { fill } from "./texts";

/** The table that an island names in `for`. */
export function tableOf(island: HTMLElement): HTMLTableElement | null {
  const found = document.getElementById(island.getAttribute("for") ?? "");
  return found instanceof HTMLTableElement ? found : null;
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

define("kefu-batch", KefuBatch);
