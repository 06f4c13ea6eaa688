// <kefu-live src="/live" last="BOOKMARK">: tells exactly the elements that show a changed record to fetch themselves again.
import { define, make } from "./dom";
import { text } from "./texts";

const QUIET_MS = 300;
const LONGEST_QUIET_MS = 1000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const HIDDEN_GRACE_MS = 5000;
const SHOWN_BACK_MS = 3000;

export interface Change {
  kind: string;
  id: string;
  event: string;
}

/** A change as the server sends it, or null for anything else. */
export function parseChange(data: string): Change | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) return null;
    const { kind, id, event } = parsed as Record<string, unknown>;
    if (typeof kind !== "string" || (typeof id !== "string" && typeof id !== "number")) return null;
    return { kind, id: String(id), event: typeof event === "string" ? event : "" };
  } catch {
    return null;
  }
}

/** Whether `data-live="workorder:12 complaint"` asks for one of the changed keys ("workorder:12", "complaint"). */
export function concerns(wanted: string, changed: ReadonlySet<string>): boolean {
  return wanted.split(/\s+/).some((word) => word === "*" || changed.has(word));
}

/** Milliseconds to wait before try number `tries` (from 0), doubled each time, spread by `chance` in 0..1. */
export function backOff(tries: number, chance: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10)) * (0.75 + chance / 2);
}

/** Elements whose field is being typed in wait until it is left. */
function isBusy(element: Element): boolean {
  const active = document.activeElement;
  return active !== null && element.contains(active) && active.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function stir(element: Element): void {
  if (isBusy(element)) {
    element.addEventListener("focusout", () => setTimeout(() => element.isConnected && stir(element)), { once: true });
    return;
  }
  element.dispatchEvent(new CustomEvent("live", { bubbles: false }));
}

export class KefuLive extends HTMLElement {
  private source: EventSource | null = null;
  private bookmark = "";
  private tries = 0;
  private lost = false;
  private ended = false;
  private all = false;
  private readonly changed = new Set<string>();
  private firstChange = 0;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private hideTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly sign = make("div", { class: "live-state", role: "status", hidden: true });

  connectedCallback(): void {
    this.bookmark ||= this.getAttribute("last") ?? "";
    if (!this.sign.isConnected) this.append(this.sign);
    document.addEventListener("visibilitychange", this.onVisibility);
    document.addEventListener("kefu-given", this.onGiven);
    addEventListener("online", this.onOnline);
    addEventListener("pagehide", this.stop);
    addEventListener("pageshow", this.onOnline);
    if (!document.hidden) this.open();
  }

  disconnectedCallback(): void {
    this.stop();
    clearTimeout(this.hideTimer);
    clearTimeout(this.flushTimer);
    document.removeEventListener("visibilitychange", this.onVisibility);
    document.removeEventListener("kefu-given", this.onGiven);
    removeEventListener("online", this.onOnline);
    removeEventListener("pagehide", this.stop);
    removeEventListener("pageshow", this.onOnline);
  }

  private open(): void {
    if (this.source || this.ended) return;
    clearTimeout(this.retryTimer);
    const address = new URL(this.getAttribute("src") ?? "/live", location.href);
    if (this.bookmark) address.searchParams.set("last", this.bookmark);
    const source = new EventSource(address);
    this.source = source;
    source.addEventListener("open", () => this.onOpen());
    source.addEventListener("error", () => this.onError());
    source.addEventListener("changed", (event) => this.onChanged(event));
    source.addEventListener("reset", (event) => this.onReset(event));
    source.addEventListener("ready", (event) => this.note(event));
    source.addEventListener("signed-out", () => this.onSignedOut());
  }

  private readonly stop = (): void => {
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  };

  private onOpen(): void {
    this.tries = 0;
    if (!this.lost) return;
    this.lost = false;
    this.show("connection_back");
    setTimeout(() => !this.lost && this.hide(), SHOWN_BACK_MS);
    this.dispatchEvent(new CustomEvent("kefu-live-back", { bubbles: true }));
  }

  private onError(): void {
    this.stop();
    const wait = backOff(this.tries, Math.random());
    this.tries += 1;
    if (this.tries > 1 && !this.lost) {
      this.lost = true;
      this.show("connection_lost");
      this.dispatchEvent(new CustomEvent("kefu-live-lost", { bubbles: true }));
    }
    this.retryTimer = setTimeout(() => !document.hidden && this.open(), wait);
  }

  /** The session ended: no use in trying again. The page stays, so that what was typed can be saved. */
  private onSignedOut(): void {
    this.stop();
    this.ended = true;
    this.sign.textContent = text("signed_out");
    this.sign.classList.remove("is-back");
    this.sign.hidden = false;
    this.dispatchEvent(new CustomEvent("kefu-signed-out", { bubbles: true }));
  }

  private note(event: MessageEvent): void {
    if (event.lastEventId) this.bookmark = event.lastEventId;
  }

  private onChanged(event: MessageEvent<string>): void {
    this.note(event);
    const change = parseChange(event.data);
    if (!change) return;
    this.changed.add(change.kind).add(`${change.kind}:${change.id}`);
    this.dispatchEvent(new CustomEvent("kefu-changed", { bubbles: true, detail: change }));
    this.schedule();
  }

  /** A command of this very page was carried out (HX-Trigger of the answer): what shows its record need not wait for the stream. */
  private readonly onGiven = (event: Event): void => {
    // htmx puts the element into the detail too; only the two words are wanted.
    const { kind, id } = (event as CustomEvent<{ kind?: unknown; id?: unknown }>).detail;
    const change = parseChange(JSON.stringify({ kind, id }));
    if (!change) return;
    this.changed.add(change.kind).add(`${change.kind}:${change.id}`);
    this.schedule();
  };

  /** More was missed than the server replays: everything live on the page is fetched again. */
  private onReset(event: MessageEvent): void {
    this.note(event);
    this.all = true;
    this.schedule();
  }

  private schedule(): void {
    const now = Date.now();
    this.firstChange ||= now;
    clearTimeout(this.flushTimer);
    const wait = Math.max(0, Math.min(QUIET_MS, this.firstChange + LONGEST_QUIET_MS - now));
    this.flushTimer = setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    const changed = new Set(this.changed);
    const all = this.all;
    this.changed.clear();
    this.all = false;
    this.firstChange = 0;
    for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
      if (all || concerns(element.dataset["live"] ?? "", changed)) stir(element);
    }
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.hideTimer);
    if (document.hidden) this.hideTimer = setTimeout(this.stop, HIDDEN_GRACE_MS);
    else this.open();
  };

  private readonly onOnline = (): void => {
    this.tries = 0;
    if (!document.hidden) this.open();
  };

  private show(key: "connection_lost" | "connection_back"): void {
    this.sign.textContent = this.dataset[key === "connection_lost" ? "lost" : "back"] ?? text(key);
    this.sign.classList.toggle("is-back", key === "connection_back");
    this.sign.hidden = false;
  }

  private hide(): void {
    this.sign.hidden = true;
  }
}

define("kefu-live", KefuLive);
