// <kefu-composer>: the reply box of a conversation. A sign at the beginning of a word ("/", "@") opens a list beside the box ([role=listbox][data-sign]);
// what is typed behind it filters by words, by first letters (data-keys) or by both; a list with data-src is asked from the centre, a few at a time.
// The box writes a reply or a note that stays inside ([name=mode]): lists belong to one of them (data-mode), and so do the pieces with data-only.
// What is begun of the one waits in [data-aside] while the other is written: sending one leaves the other as it is.
// Anything with data-insert puts its text where the cursor stands.
import { define, isComposing } from "./dom";
import { forget } from "./drafts";
import { give, showPhotos } from "./photos";

const GAP = "……";
const LONGEST = 20;
const ASK_MS = 150;
const BEFORE = /[\s，。！？、；：,.!?;（(「“]/;
const SAME: Record<string, string> = { "／": "/", "＠": "@" };

export interface Called {
  sign: string;
  from: number;
  query: string;
}

/** The list that what stands before the cursor calls, with what is typed behind its sign. `forced` is the place of a sign that a button put there. */
export function called(text: string, caret: number, signs: string, forced = -1): Called | null {
  const least = Math.max(0, caret - LONGEST - 1);
  for (let at = caret - 1; at >= least; at -= 1) {
    const typed = text[at] ?? "";
    if (/\s/.test(typed)) return null;
    const before = text[at - 1] ?? "\n";
    // A Chinese keyboard gives "、" for the key "/": at the beginning of a line nothing else is meant.
    const sign = typed === "、" && before === "\n" ? "/" : (SAME[typed] ?? typed);
    if (signs.includes(sign) && (at === forced || BEFORE.test(before))) return { sign, from: at, query: text.slice(at + 1, caret) };
  }
  return null;
}

export interface Item {
  title: string;
  text: string;
  keys: string;
}

/** The places of the items that fit, best first: what begins with the query, then what holds it. */
export function fitting(items: readonly Item[], query: string): number[] {
  const wanted = query.toLowerCase().replaceAll(/[\s']/g, "");
  if (!wanted) return items.map((_item, at) => at);
  const rank = ({ title, text, keys }: Item): number => {
    const words = keys.split(" ");
    if (title.toLowerCase().startsWith(wanted) || words.some((word) => word.startsWith(wanted))) return 0;
    if (title.toLowerCase().includes(wanted) || (words[0] ?? "").includes(wanted)) return 1;
    return text.toLowerCase().includes(wanted) || words.some((word) => word.includes(wanted)) ? 2 : 3;
  };
  const ranks = items.map(rank);
  return items.map((_item, at) => at).filter((at) => ranks[at] !== 3).toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b);
}

function itemOf(option: HTMLElement): Item {
  const part = (name: string): string => option.querySelector(name)?.textContent?.trim() ?? "";
  return { title: part(".choice-title"), text: option.dataset["text"] ?? part(".choice-text"), keys: option.dataset["keys"] ?? "" };
}

export class KefuComposer extends HTMLElement {
  private field: HTMLTextAreaElement | null = null;
  private list: HTMLElement | null = null;
  private call: Called | null = null;
  private shown: HTMLElement[] = [];
  private active = -1;
  private forced = -1;
  private dismissed = -1;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private readonly sent = new Map<string, string>();

  connectedCallback(): void {
    this.field = this.querySelector("textarea:not([data-aside])");
    this.addEventListener("input", this.onInput);
    this.addEventListener("keydown", this.onKey, true);
    this.addEventListener("pointerdown", this.onPick);
    this.addEventListener("click", this.onButton);
    this.addEventListener("change", this.onMode);
    this.addEventListener("htmx:beforeRequest", this.onSend);
    this.addEventListener("htmx:afterSwap", this.onFaults);
    this.field?.addEventListener("blur", this.shut);
    this.field?.addEventListener("paste", this.onPaste);
    document.addEventListener("click", this.onInsert);
    document.addEventListener("kefu-given", this.onGiven);
    this.turn();
  }

  disconnectedCallback(): void {
    clearTimeout(this.asking);
    document.removeEventListener("click", this.onInsert);
    document.removeEventListener("kefu-given", this.onGiven);
  }

  private lists(): HTMLElement[] {
    const all = [...this.querySelectorAll<HTMLElement>("[role=listbox][data-sign]")];
    return all.filter((list) => (list.dataset["mode"] ?? this.mode) === this.mode);
  }

  private get mode(): string {
    return this.querySelector<HTMLInputElement>("[name=mode]:checked")?.value ?? "reply";
  }

  private get aside(): HTMLTextAreaElement | null {
    return this.querySelector("textarea[data-aside]");
  }

  /** The box that holds what is begun in this way of writing, shown or not. */
  private boxOf(mode: string): HTMLTextAreaElement | null {
    return mode === this.mode ? this.field : this.aside;
  }

  private readonly onMode = (event: Event): void => {
    const field = event.target;
    if (field instanceof HTMLFormElement || (field instanceof HTMLInputElement && field.name === "mode")) this.turn();
    // Only a person's own choice leads back into the box, not a draft that is brought back.
    if (event.isTrusted && field instanceof HTMLInputElement && field.name === "mode") this.field?.focus();
  };

  /** Show what belongs to the way of writing that is chosen. What belongs to the other can neither be pressed nor sent by a key. */
  private turn(): void {
    const [mode, field] = [this.mode, this.field];
    if (!this.querySelector("[name=mode]")) return;
    this.shut();
    if (this.hasAttribute("mode") && this.getAttribute("mode") !== mode) this.swap();
    this.setAttribute("mode", mode);
    for (const piece of this.querySelectorAll<HTMLElement>("[data-only]")) {
      piece.hidden = piece.dataset["only"] !== mode;
      if (piece instanceof HTMLButtonElement) piece.disabled = piece.hidden;
      for (const input of piece.querySelectorAll("input")) input.disabled = piece.hidden;
    }
    this.tell();
    if (!field) return;
    const told = this.querySelector(`label[for="composer-${mode}"]`)?.cloneNode(true) as HTMLElement | undefined;
    told?.querySelector("[data-begun]")?.remove();
    const label = told?.textContent?.trim();
    if (label) field.setAttribute("aria-label", label);
    field.placeholder = field.dataset[mode] ?? field.placeholder;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private swap(): void {
    const [field, aside] = [this.field, this.aside];
    if (field && aside) [field.value, aside.value] = [aside.value, field.value];
  }

  /** A mark at the way of writing in which something is begun and not to be seen now. */
  private tell(): void {
    const files = [...this.querySelectorAll<HTMLInputElement>("[data-only=reply] input[type=file]")].some((one) => one.files?.length);
    for (const mark of this.querySelectorAll<HTMLElement>("[data-begun]")) {
      const mode = mark.dataset["begun"] ?? "";
      mark.hidden = mode === this.mode || !(this.aside?.value || (mode === "reply" && files));
    }
  }

  /** The part of a long list that fits what is typed; a list that came late is offered to who still waits for it. */
  private ask(list: HTMLElement, query: string): void {
    const source = list.dataset["src"];
    if (!source || list.dataset["asked"] === query) return;
    list.dataset["asked"] = query;
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const answer = await fetch(`${source}?q=${encodeURIComponent(query)}`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      if (list.dataset["asked"] !== query) return;
      if (!answer?.ok) {
        delete list.dataset["asked"];
        return;
      }
      list.innerHTML = await answer.text();
      this.onInput(new Event("input"));
    }, ASK_MS);
  }

  private readonly onInput = (event: Event): void => {
    const field = this.field;
    if (!field || (event.target && event.target !== field)) return;
    const signs = this.lists().map((list) => list.dataset["sign"]).join("");
    const call = called(field.value, field.selectionStart, signs, this.forced);
    if (!call) this.dismissed = -1;
    if (!call || call.from === this.dismissed) this.shut();
    else this.offer(call);
  };

  private offer(call: Called): void {
    const list = this.lists().find((one) => one.dataset["sign"] === call.sign);
    if (!list) return;
    if (list !== this.list) this.shut();
    this.ask(list, call.query);
    const options = [...list.querySelectorAll<HTMLElement>("[role=option]")];
    const order = fitting(options.map(itemOf), call.query);
    [this.call, this.list] = [call, list];
    this.shown = order.flatMap((at) => options[at] ?? []);
    for (const option of options) option.hidden = !this.shown.includes(option);
    // Groups have a heading only while nothing filters; then the best stands first.
    for (const heading of list.querySelectorAll<HTMLElement>(".choice-group")) heading.hidden = call.query !== "";
    this.shown.forEach((option, place) => (option.style.order = call.query === "" ? "" : String(place + 1)));
    list.hidden = this.shown.length === 0;
    this.mark(list.hidden ? -1 : 0);
  }

  private mark(place: number): void {
    this.active = place;
    this.shown.forEach((option, at) => {
      option.classList.toggle("is-active", at === place);
      option.setAttribute("aria-selected", String(at === place));
    });
    const option = this.shown[place];
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field?.setAttribute("aria-activedescendant", option.id);
    else this.field?.removeAttribute("aria-activedescendant");
  }

  private readonly shut = (): void => {
    if (this.list) this.list.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
    this.list = this.call = null;
    this.shown = [];
    this.active = -1;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isComposing(event) && this.hasAttribute("mode")) {
      // Sent as what is chosen: a note by this key never goes to the customer.
      event.preventDefault();
      event.stopPropagation();
      this.querySelector<HTMLButtonElement>(`[data-send=${this.mode}]`)?.click();
      return;
    }
    if (event.target !== this.field || isComposing(event) || !this.list || this.list.hidden) return;
    const count = this.shown.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.mark((this.active + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.take(this.shown[this.active]);
    else if (event.key === "Escape") {
      this.dismissed = this.call?.from ?? -1;
      this.shut();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onPick = (event: Event): void => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
    if (!option || !this.contains(option)) return;
    event.preventDefault();
    this.take(option);
  };

  private take(option: HTMLElement | undefined): void {
    const [field, call] = [this.field, this.call];
    if (!option || !field || !call) return;
    this.shut();
    this.put(itemOf(option).text, call.from, field.selectionEnd);
  }

  /** Text in place of what stands there; the first gap in it is marked, so that the next key fills it. */
  private put(text: string, from: number, to: number): void {
    const field = this.field;
    if (!field) return;
    this.forced = -1;
    field.focus();
    field.setRangeText(text, from, to, "end");
    const gap = text.indexOf(GAP);
    if (gap >= 0) field.setSelectionRange(from + gap, from + gap + GAP.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** A picture of the screen is pasted like text: it goes along with what was chosen before. */
  private readonly onPaste = (event: ClipboardEvent): void => {
    const input = this.querySelector<HTMLInputElement>("input[type=file]");
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!input || !pasted.length) return;
    event.preventDefault();
    give(input, [...(input.files ?? []), ...pasted]);
  };

  /** A button with data-call puts its sign where the cursor stands and opens the list. */
  private readonly onButton = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-call]") : null;
    const field = this.field;
    if (!button || !field) return;
    const at = field.selectionStart;
    this.forced = at;
    this.dismissed = -1;
    field.focus();
    field.setRangeText(button.dataset["call"] ?? "/", at, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  private readonly onInsert = (event: Event): void => {
    const all = event.target instanceof Element ? event.target.closest("[data-all]")?.nextElementSibling : null;
    if (all instanceof HTMLTemplateElement) this.copy(all.content);
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-insert]") : null;
    if (button && this.field) this.put(button.dataset["insert"] ?? "", this.field.selectionStart, this.field.selectionEnd);
  };

  /** An answer to all: whom a letter named stands in the box, ticked, and whoever is to get nothing is unticked. */
  private copy(people: DocumentFragment): void {
    const lines = this.querySelector<HTMLDetailsElement>("[data-copies]");
    if (!lines) return;
    lines.open = true;
    lines.querySelector("[data-copies-all]")?.replaceChildren(document.importNode(people, true));
    this.field?.focus();
  }

  /** What was refused stands under the box ([id$=-faults]) until something else is typed; the words stay. */
  private readonly onFaults = (event: Event): void => {
    const field = this.field;
    if (!field || !(event.target instanceof Element)) return;
    if (!event.target.id.endsWith("-faults")) return;
    const refused = event.target.childElementCount > 0;
    field.classList.toggle("is-invalid", refused);
    if (!refused) return field.removeAttribute("aria-invalid");
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };

  /** What a request of this box sends; a drawer has words of its own. */
  private modeOf(from: EventTarget | null): string | null {
    if (!(from instanceof HTMLElement) || !this.contains(from)) return null;
    return from instanceof HTMLFormElement ? "reply" : (from.dataset["send"] ?? null);
  }

  private readonly onSend = (event: Event): void => {
    const mode = this.modeOf(event.target);
    if (mode) this.sent.set(mode, this.boxOf(mode)?.value ?? "");
  };

  /** What was typed went out: its box is empty for the next, but for what was typed meanwhile. What is begun in the other way stays. */
  private readonly onGiven = (event: Event): void => {
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    const from = typeof detail === "object" && detail !== null && "elt" in detail ? (detail.elt as EventTarget | null) : null;
    const [form, mode] = [this.querySelector("form"), this.modeOf(from)];
    if (!form || !mode) return;
    const box = this.boxOf(mode);
    const sent = this.sent.get(mode) ?? box?.value ?? "";
    if (box?.value.startsWith(sent)) box.value = box.value.slice(sent.length).trimStart();
    if (mode === "reply") this.clear(form);
    this.turn();
    forget(form);
    // What is left is kept once more, after all that hears of the sending has forgotten it.
    setTimeout(() => form.dispatchEvent(new Event("input")));
    this.field?.focus();
  };

  /** The next reply has files, copies and a key of its own, even in the same words. */
  private clear(form: HTMLFormElement): void {
    for (const input of form.querySelectorAll<HTMLInputElement>("[data-only=reply] input")) {
      input.value = input.defaultValue;
      if (input.type === "file") showPhotos(input);
    }
    for (const lines of form.querySelectorAll<HTMLDetailsElement>("[data-copies]")) {
      lines.open = false;
      lines.querySelector("[data-copies-all]")?.replaceChildren();
    }
    const key = form.querySelector<HTMLInputElement>("[name=key]");
    if (key) key.value = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("-");
  }
}

define("kefu-composer", KefuComposer);
