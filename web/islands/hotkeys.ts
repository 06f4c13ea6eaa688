// <kefu-hotkeys>: anything with data-key="alt+n", "/" or "g h" (also written data-hotkey) is pressed by that key; "j" and "k" walk through the rows
// of a list; "?" lists them all.
import { define, isComposing, isTyping, make } from "./dom";
import { text } from "./texts";

const SEQUENCE_MS = 1200;

/** The key of an event as data-key writes it: "alt+n", "ctrl+enter", "?", "escape". Letters by place, since Alt changes them on some keyboards. */
export function keyOf(event: KeyboardEvent): string {
  const letter = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code);
  const modified = event.altKey || event.ctrlKey || event.metaKey;
  const base = modified && letter ? (letter[1] ?? letter[2] ?? "").toLowerCase() : event.key.toLowerCase();
  const parts = [event.ctrlKey || event.metaKey ? "ctrl" : "", event.altKey ? "alt" : "", event.shiftKey && base.length > 1 ? "shift" : ""];
  return [...parts, base].filter(Boolean).join("+");
}

/** What an element is called in the list. */
function nameOf(element: HTMLElement): string {
  const label = element.dataset["keyLabel"] ?? element.getAttribute("aria-label") ?? element.title;
  const words = [...element.childNodes].flatMap((node) => (node.nodeName === "KBD" ? [] : [node.textContent ?? ""])).join(" ");
  return (label || words.trim() || element.getAttribute("placeholder") || "").trim().replace(/\s+/g, " ");
}

function wish(element: HTMLElement): string {
  return element.dataset["key"] ?? element.dataset["hotkey"] ?? "";
}

function isUsable(element: HTMLElement): boolean {
  return element.closest("[hidden], [inert]") === null && !(element instanceof HTMLButtonElement && element.disabled);
}

/** Go to the next (1) or previous (-1) row of the list: its link takes the focus, so that Enter opens it. */
function walk(by: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLElement>("main .row-link, main .todo")];
  const row = document.activeElement?.closest("tr, li");
  const at = links.findIndex((link) => link === document.activeElement || (row && link.closest("tr, li") === row));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return links.length > 0;
}

function press(element: HTMLElement): void {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) element.focus();
  else element.click();
}

/** Keys and what they do, under a title; nothing when there are none. */
function part(title: string, entries: Map<string, string>): HTMLElement[] {
  if (entries.size === 0) return [];
  const rows = [...entries].flatMap(([keys, name]) => {
    const drawn = keys.split(" ").flatMap((key, at) => [at > 0 ? " " : "", make("kbd", {}, key)]);
    return [make("dt", {}, ...drawn), make("dd", {}, name)];
  });
  return [make("section", {}, make("h3", { class: "h4" }, title), make("dl", { class: "hotkey-list" }, ...rows))];
}

export class KefuHotkeys extends HTMLElement {
  private begun = "";
  private begunAt = 0;

  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("click", this.onClick);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
  }

  private readonly onClick = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest("button")) this.list();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isComposing(event) || event.repeat || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target) && !event.ctrlKey && !event.altKey && !event.metaKey) return;
    const key = keyOf(event);
    const keys = this.begun && Date.now() - this.begunAt < SEQUENCE_MS ? `${this.begun} ${key}` : key;
    const target = this.find(keys) ?? this.find(key);
    this.begun = "";
    if (target) {
      event.preventDefault();
      press(target);
    } else if (key === "?") {
      event.preventDefault();
      this.list();
    } else if ((key === "j" || key === "k") && walk(key === "j" ? 1 : -1)) {
      event.preventDefault();
    } else if (this.candidates().some((element) => wish(element).startsWith(`${key} `))) {
      this.begun = key;
      this.begunAt = Date.now();
    }
  };

  private candidates(): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>("[data-key], [data-hotkey]")].filter((element) => isUsable(element) && wish(element) !== "?");
  }

  private find(keys: string): HTMLElement | undefined {
    return this.candidates().findLast((element) => wish(element) === keys);
  }

  /** Show the shortcuts of this page. */
  list(): void {
    const here = new Map<string, string>();
    const ways = new Map<string, string>();
    for (const element of this.candidates()) (wish(element).startsWith("g ") ? ways : here).set(wish(element), nameOf(element));
    if (document.querySelector("main .row-link, main .todo")) here.set("j k", text("walk_rows"));
    if (document.querySelector("main form")) here.set("ctrl+enter", text("send_form"));
    here.set("esc", text("close_drawer"));
    here.set("?", text("shortcuts"));
    const close = make("button", { type: "button", class: "btn", click: () => dialog.close() }, text("close"));
    const dialog = make(
      "dialog",
      { class: "ask hotkeys", "aria-labelledby": "hotkeys-title" },
      make("h2", { id: "hotkeys-title", class: "h3" }, text("shortcuts")),
      make("div", { class: "hotkey-parts" }, ...part(text("keys_here"), here), ...part(text("keys_go"), ways)),
      make("div", { class: "ask-buttons" }, close),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}

define("kefu-hotkeys", KefuHotkeys);
