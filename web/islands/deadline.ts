// <kefu-deadline due="ISO" warn="ISO" data-left="{} left" data-over="{} over">text of the server</kefu-deadline>
import { define } from "./dom";
import { fill, span, text } from "./texts";

const SOON_MS = 4 * 3_600_000;
/** So near to its end a time is counted by the second: who writes with a customer has two minutes. */
const COUNTED_MS = 120_000;
const running = new Set<KefuDeadline>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Seconds between the server's clock and this device's, from <meta name="server-time" content="ISO">; office clocks are often wrong. */
function skew(): number {
  const said = Date.parse(document.querySelector<HTMLMetaElement>("meta[name=server-time]")?.content ?? "");
  return Number.isNaN(said) ? 0 : said - loadedAt;
}
const loadedAt = Date.now();

function tick(): void {
  for (const element of running) element.draw();
  clearTimeout(timer);
  const counted = [...running].some((element) => element.left > -10_000 && element.left <= COUNTED_MS);
  timer = running.size > 0 ? setTimeout(tick, document.hidden ? 60_000 : counted ? 1000 : 10_000) : undefined;
}

export type Urgency = "is-far" | "is-soon" | "is-over";

/** How near a due time is: over, soon (from `warn`, else the last 4 hours on), or far. All in milliseconds. */
export function urgency(now: number, due: number, warn: number): Urgency {
  if (now >= due) return "is-over";
  return now >= (Number.isNaN(warn) ? due - SOON_MS : warn) ? "is-soon" : "is-far";
}

export class KefuDeadline extends HTMLElement {
  static observedAttributes = ["due", "warn"];
  /** Milliseconds that were left when it was drawn last. */
  left = Infinity;

  connectedCallback(): void {
    running.add(this);
    this.draw();
    if (this.left <= COUNTED_MS) clearTimeout(timer);
    timer = this.left <= COUNTED_MS ? setTimeout(tick, 1000) : (timer ?? setTimeout(tick, 10_000));
  }

  disconnectedCallback(): void {
    running.delete(this);
    if (running.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.draw();
  }

  draw(): void {
    const due = Date.parse(this.getAttribute("due") ?? "");
    if (Number.isNaN(due)) return;
    const now = Date.now() + skew();
    const state = urgency(now, due, Date.parse(this.getAttribute("warn") ?? ""));
    this.left = due - now;
    const said = this.left > 0 && this.left <= COUNTED_MS ? text("seconds", Math.ceil(this.left / 1000)) : span(this.left / 1000);
    const words = fill((state === "is-over" ? this.dataset["over"] : this.dataset["left"]) ?? "{}", said);
    if (this.textContent !== words) this.replaceChildren(words);
    for (const shown of [this, this.closest(".deadline-tag")]) {
      if (!shown) continue;
      const before = shown.classList.contains("is-over");
      shown.classList.remove("is-far", "is-soon", "is-over");
      shown.classList.add(state);
      if (shown === this && state === "is-over" && !before && this.drawn) this.dispatchEvent(new CustomEvent("kefu-over", { bubbles: true }));
    }
    this.drawn = true;
  }

  private drawn = false;
}

define("kefu-deadline", KefuDeadline);
