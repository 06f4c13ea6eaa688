// <kefu-hotkeys>: anything with data-key="alt+n", "/" or "g h" (also written data-hotkey) is pressed by that key; "?" lists them.
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
  return (label || element.textContent || element.getAttribute("placeholder") || "").trim().replace(/\s+/g, " ");
}

function wish(element: HTMLElement): string {
  return element.dataset["key"] ?? element.dataset["hotkey"] ?? "";
}

function isUsable(element: HTMLElement): boolean {
  return element.closest("[hidden], [inert]") === null && !(element instanceof HTMLButtonElement && element.disabled);
}

function press(element: HTMLElement): void {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) element.focus();
  else element.click();
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
    const entries = new Map(this.candidates().map((element) => [wish(element), nameOf(element)]));
    entries.set("?", text("shortcuts"));
    const rows = [...entries].flatMap(([key, name]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, name)]);
    const close = make("button", { type: "button", class: "btn", click: () => dialog.close() }, text("close"));
    const dialog = make(
      "dialog",
      { class: "ask", "aria-labelledby": "hotkeys-title" },
      make("h2", { id: "hotkeys-title", class: "h3" }, text("shortcuts")),
      make("dl", { class: "hotkey-list" }, ...rows),
      make("div", { class: "ask-buttons" }, close),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}

define("kefu-hotkeys", KefuHotkeys);
