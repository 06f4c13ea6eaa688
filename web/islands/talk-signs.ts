// <kefu-signs talk="12">: the marks of a chat that stand nowhere else. It says that the customer types and what he has read, and tells the
// centre the same of this side. Each is told at most every few seconds, and only while the page is before somebody.
import { define } from "./dom";
import type { Sign } from "./live-stream";

const TYPES_MS = 3000;
const SHOWN_MS = 6000;
const READ_MS = 2000;

function turns(direction: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`article[data-turn=${direction}]`)];
}

const numberOf = (turn: Element): number => Number(turn.id.replace("message-", ""));

export class KefuSigns extends HTMLElement {
  private told = 0;
  private read = 0;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    document.addEventListener("kefu-sign", this.onSign);
    document.addEventListener("input", this.onInput);
    document.addEventListener("visibilitychange", this.look);
    document.addEventListener("htmx:load", this.look);
    this.look();
  }

  disconnectedCallback(): void {
    clearTimeout(this.hiding);
    clearTimeout(this.looking);
    document.removeEventListener("kefu-sign", this.onSign);
    document.removeEventListener("input", this.onInput);
    document.removeEventListener("visibilitychange", this.look);
    document.removeEventListener("htmx:load", this.look);
  }

  private get talk(): string {
    return this.getAttribute("talk") ?? "";
  }

  private say(words: Record<string, string>): void {
    const token = document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    fetch(`/inbox/${this.talk}/mark`, { method: "POST", body: new URLSearchParams(words), headers: { "X-CSRFToken": token } }).catch(() => undefined);
  }

  private readonly onInput = (event: Event): void => {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement) || field.id !== "reply-text" || !field.value.trim()) return;
    // Words for colleagues are none of the customer's: he is not told of them.
    if (field.closest("kefu-composer")?.getAttribute("mode") === "note") return;
    if (Date.now() - this.told < TYPES_MS) return;
    this.told = Date.now();
    this.say({ types: "1" });
  };

  private readonly onSign = (event: Event): void => {
    const sign = (event as CustomEvent<Sign>).detail;
    if (String(sign.id) !== this.talk) return;
    if (sign.what === "types") {
      this.hidden = false;
      clearTimeout(this.hiding);
      this.hiding = setTimeout(() => (this.hidden = true), SHOWN_MS);
    } else if (sign.what === "read") {
      for (const turn of turns("out")) if (numberOf(turn) <= sign.place) turn.querySelector("[data-read-mark]")?.removeAttribute("hidden");
    }
  };

  /** What the customer wrote is before somebody: told a moment later, so that several turns are told as one. */
  private readonly look = (): void => {
    const newest = Math.max(0, ...turns("in").map(numberOf));
    if (newest > this.read) this.hidden = true;
    if (document.hidden || newest <= this.read || this.looking !== undefined) return;
    this.looking = setTimeout(() => {
      this.looking = undefined;
      if (document.hidden) return;
      this.read = Math.max(this.read, ...turns("in").map(numberOf));
      this.say({ read: String(this.read) });
    }, READ_MS);
  };
}

define("kefu-signs", KefuSigns);
