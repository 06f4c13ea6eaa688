// <kefu-select src="/units/options" data-empty="Nothing found"><select ...></select></kefu-select>: type to find a choice. The select stays and is what is sent.
import { define, freshId, isComposing, labelOf, make, option as makeOption } from "./dom";
import { text } from "./texts";

const FEW = 8;
const SHOWN = 50;
const WAIT_MS = 200;

interface Choice {
  value: string;
  label: string;
  /** More words to find it by: pinyin, codes (data-search). */
  search: string;
  disabled: boolean;
}

function choiceOf(option: HTMLOptionElement): Choice {
  const label = labelOf(option);
  return { value: option.value, label, search: `${label} ${option.dataset["search"] ?? ""}`.toLowerCase(), disabled: option.disabled };
}

/** The choices that hold every word of `query`; those that begin with it first. */
export function matching(choices: readonly Choice[], query: string): Choice[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = choices.filter((choice) => words.every((word) => choice.search.includes(word)));
  const first = words[0] ?? "";
  return found.toSorted((a, b) => Number(b.search.startsWith(first)) - Number(a.search.startsWith(first))).slice(0, SHOWN);
}

/** The <option>s of an answer. */
export function parseOptions(html: string): Choice[] {
  return [...new DOMParser().parseFromString(`<select>${html}</select>`, "text/html").querySelectorAll("option")].map(choiceOf);
}

export class KefuSelect extends HTMLElement {
  private select: HTMLSelectElement | null = null;
  private input: HTMLInputElement | null = null;
  private list: HTMLUListElement | null = null;
  private chips: HTMLElement | null = null;
  private shown: Choice[] = [];
  private active = -1;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    this.select = this.querySelector("select");
    if (!this.select || this.input) return;
    if (!this.hasAttribute("src") && this.select.options.length <= FEW && !this.select.multiple) return;
    this.build(this.select);
    document.addEventListener("pointerdown", this.onOutside);
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    document.removeEventListener("pointerdown", this.onOutside);
  }

  private build(select: HTMLSelectElement): void {
    const id = freshId("choices");
    const list = make("ul", { class: "choice-list", id, role: "listbox", hidden: true, pointerdown: (event) => this.onPick(event) });
    const input = make("input", { class: "form-select", type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id });
    input.setAttribute("aria-autocomplete", "list");
    const label = select.id ? document.querySelector<HTMLLabelElement>(`label[for="${CSS.escape(select.id)}"]`) : null;
    if (label) input.setAttribute("aria-label", label.textContent.trim());
    input.disabled = select.disabled;
    input.addEventListener("input", (event) => this.onInput(event));
    // What is typed to find a choice is no change of the form: only a choice is (tell).
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("compositionend", () => this.search());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => this.open());
    input.addEventListener("blur", () => this.onBlur());
    select.classList.add("visually-hidden");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    select.addEventListener("focus", () => input.focus());
    select.addEventListener("change", () => this.write());
    select.addEventListener("kefu-renewed", () => this.write());
    select.form?.addEventListener("reset", () => setTimeout(() => this.write()));
    this.chips = make("span", { class: "choice-chips", click: (event) => this.onDrop(event) });
    this.classList.add("choice");
    this.append(...(select.multiple ? [this.chips] : []), input, list);
    [this.input, this.list] = [input, list];
    this.write();
  }

  /** Show in the field what the select holds. */
  private write(): void {
    if (!this.select || !this.input) return;
    for (const name of ["aria-label", "aria-invalid", "aria-describedby", "aria-labelledby"]) {
      const value = this.select.getAttribute(name);
      if (value) this.input.setAttribute(name, value);
      else if (name !== "aria-label") this.input.removeAttribute(name);
    }
    this.input.classList.toggle("is-invalid", this.select.classList.contains("is-invalid"));
    const chosen = [...this.select.selectedOptions];
    const empty = [...this.select.options].find((option) => option.value === "");
    this.input.placeholder = empty ? labelOf(empty) : "";
    if (!this.select.multiple) {
      this.input.value = chosen[0] && chosen[0].value !== "" ? labelOf(chosen[0]).trim() : "";
      return;
    }
    this.input.value = "";
    this.chips?.replaceChildren(
      ...chosen.map((option) =>
        make("button", { type: "button", class: "tag choice-chip", "data-value": option.value, "aria-label": `${text("remove")} ${labelOf(option)}` }, labelOf(option), " ×"),
      ),
    );
  }

  private onInput(event: Event): void {
    if (event instanceof InputEvent && event.isComposing) return;
    this.search();
  }

  private search(): void {
    clearTimeout(this.timer);
    const query = this.input?.value.trim() ?? "";
    const src = this.getAttribute("src");
    if (!src) this.offer(matching(this.local(), query));
    else this.timer = setTimeout(() => void this.fetch(src, query), WAIT_MS);
  }

  private local(): Choice[] {
    return [...(this.select?.options ?? [])].filter((option) => option.value !== "" || !this.select?.required).map(choiceOf);
  }

  private async fetch(src: string, query: string): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const address = new URL(src, location.href);
    address.searchParams.set("q", query);
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      const choices = answer.ok ? parseOptions(await answer.text()) : [];
      if (mine === this.asked) this.offer(choices);
    } catch {
      if (mine === this.asked) this.offer([]);
    }
  }

  private open(): void {
    if (this.list?.hidden === false) return;
    if (this.hasAttribute("src")) void this.fetch(this.getAttribute("src") ?? "", "");
    else this.offer(matching(this.local(), ""));
  }

  private offer(choices: Choice[]): void {
    if (!this.list || !this.input) return;
    this.shown = choices;
    const chosen = new Set([...(this.select?.selectedOptions ?? [])].map((option) => option.value));
    const items = choices.map((choice, index) => {
      const item = make("li", { class: "choice-option", role: "option", id: `${this.list?.id ?? ""}-${index}` }, choice.label || " ");
      item.setAttribute("aria-selected", String(chosen.has(choice.value)));
      if (choice.disabled) item.setAttribute("aria-disabled", "true");
      return item;
    });
    const nothing = make("li", { class: "choice-empty", role: "option", "aria-disabled": "true" }, this.dataset["empty"] ?? text("nothing_found"));
    this.list.replaceChildren(...(items.length > 0 ? items : [nothing]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(choices.findIndex((choice) => !choice.disabled));
  }

  private mark(index: number): void {
    this.active = index;
    const items = this.list?.querySelectorAll<HTMLElement>(".choice-option") ?? [];
    items.forEach((item, at) => item.classList.toggle("is-active", at === index));
    const item = items[index];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.input?.setAttribute("aria-activedescendant", item.id);
    else this.input?.removeAttribute("aria-activedescendant");
  }

  private shut(): void {
    if (this.list) this.list.hidden = true;
    this.input?.setAttribute("aria-expanded", "false");
    this.input?.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  private onKey(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    const isOpen = this.list?.hidden === false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) this.open();
      else if (this.shown.length > 0) this.mark((this.active + (event.key === "ArrowDown" ? 1 : -1) + this.shown.length) % this.shown.length);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      this.take(this.shown[this.active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.write();
      this.shut();
    } else if (event.key === "Backspace" && this.select?.multiple && this.input?.value === "") {
      const last = [...this.select.selectedOptions].at(-1);
      if (last) this.drop(last.value);
    }
  }

  private onPick(event: Event): void {
    event.preventDefault();
    const item = event.target instanceof Element ? event.target.closest(".choice-option") : null;
    if (item) this.take(this.shown[[...(this.list?.querySelectorAll(".choice-option") ?? [])].indexOf(item)]);
  }

  private take(choice: Choice | undefined): void {
    const select = this.select;
    if (!select || !choice || choice.disabled) return;
    let option = [...select.options].find((one) => one.value === choice.value);
    if (!option) {
      option = makeOption(choice.label, choice.value);
      select.add(option);
    }
    option.selected = select.multiple ? !option.selected : true;
    this.shut();
    this.tell(select);
  }

  private drop(value: string): void {
    for (const option of this.select?.selectedOptions ?? []) if (option.value === value) option.selected = false;
    if (this.select) this.tell(this.select);
  }

  private tell(select: HTMLSelectElement): void {
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private onDrop(event: Event): void {
    const chip = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-value]") : null;
    if (!chip) return;
    this.drop(chip.dataset["value"] ?? "");
    this.input?.focus();
  }

  /** Leaving an emptied field takes the choice back; words that are no choice are dropped. */
  private onBlur(): void {
    const select = this.select;
    if (select && !select.multiple && this.input?.value === "" && select.value !== "" && !select.required) {
      select.value = "";
      this.tell(select);
    } else this.write();
    this.shut();
  }

  private readonly onOutside = (event: Event): void => {
    if (event.target instanceof Node && !this.contains(event.target)) this.shut();
  };
}

define("kefu-select", KefuSelect);
