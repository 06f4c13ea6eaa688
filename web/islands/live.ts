// <kefu-live src="/live" who="7">: tells exactly the elements that show a changed record to fetch themselves again.
// The page says in [data-drawn] up to which bookmark it was drawn, so that nothing between drawing and connecting is missed.
import { define, make } from "./dom";
import { holds, isHeld } from "./live-held";
import { OwnStream, SharedStream, backOff, isBefore, parseSign, type Stream, type Word } from "./live-stream";
import { text } from "./texts";

export { backOff };

const QUIET_MS = 300;
const LONGEST_QUIET_MS = 1000;
const NOW_MS = 20;
const HIDDEN_GRACE_MS = 5000;
const SWALLOWED_MS = 15_000;
const SOON_MS = 300;
const SHOWN_BACK_MS = 3000;
const REMEMBERED = 200;

export interface Change {
  kind: string;
  id: string;
  event: string;
  /** The number by which a change told early is known again when it comes in its turn; "" for all others. */
  of: string;
}

/** A change as the server sends it, or null for anything else. */
export function parseChange(data: string): Change | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) return null;
    const { kind, id, event, of } = parsed as Record<string, unknown>;
    if (typeof kind !== "string" || (typeof id !== "string" && typeof id !== "number")) return null;
    return { kind, id: String(id), event: typeof event === "string" ? event : "", of: typeof of === "number" ? String(of) : "" };
  } catch {
    return null;
  }
}

function words(told = ""): string[] {
  return told.split(/\s+/);
}

/** The events behind each changed key ("workorder:12", "complaint"). */
export type Changed = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Whether `data-live="workorder:12 complaint"` asks for one of the changed keys. `data-live-only` narrows it to events, `data-live-not`
 * leaves some out: what another element of the page shows by itself.
 */
export function concerns({ live = "", liveOnly, liveNot }: DOMStringMap, changed: Changed): boolean {
  const fits = (event: string): boolean => (liveOnly === undefined || words(liveOnly).includes(event)) && !words(liveNot ?? "-").includes(event);
  return words(live).some((word) => word === "*" || [...(changed.get(word) ?? [])].some(fits));
}

/** Elements whose field is being typed in wait until it is left. */
function isBusy(element: Element): boolean {
  const active = document.activeElement;
  return active !== null && element.contains(active) && active.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

/** What is being fetched may have been drawn before the change: it is asked again when the answer is on screen, in whatever stands there then. */
function again(element: Element): void {
  const onAnswer = (event: Event): void => {
    if ((event as CustomEvent<{ elt?: unknown }>).detail.elt !== element) return;
    document.removeEventListener("htmx:afterRequest", onAnswer);
    setTimeout(() => {
      const now = element.isConnected || !element.id ? element : document.getElementById(element.id);
      if (now?.isConnected) stir(now);
    });
  };
  document.addEventListener("htmx:afterRequest", onAnswer);
}

const stirredAt = new Map<string, number>();
const waiting = new Set<string>();

/** Whether an element with data-live-pause was stirred less than so many milliseconds ago; then it is once more when they are over. */
function rests(element: HTMLElement): boolean {
  const left = (stirredAt.get(element.id) ?? -Infinity) + Number(element.dataset["livePause"] ?? 0) - Date.now();
  if (left <= 0) {
    stirredAt.set(element.id, Date.now());
    return false;
  }
  if (!waiting.has(element.id)) {
    waiting.add(element.id);
    setTimeout(() => {
      waiting.delete(element.id);
      const now = document.getElementById(element.id);
      if (now) stir(now);
    }, left);
  }
  return true;
}

function stir(element: Element): void {
  if (element.classList.contains("htmx-request")) {
    again(element);
    return;
  }
  if (holds(element, stir)) return;
  if (isBusy(element)) {
    element.addEventListener("focusout", () => setTimeout(() => element.isConnected && stir(element)), { once: true });
    return;
  }
  if (element instanceof HTMLElement && element.dataset["livePause"] !== undefined && rests(element)) return;
  element.dispatchEvent(new CustomEvent("live", { bubbles: false }));
}

const swallowedAt = new Map<string, number>();

/** No other word of a change comes: where the network swallowed the answer, it is asked for again, the first time soon, at the latest when the line is back. */
function onSwallowed(event: Event): void {
  const { elt } = (event as CustomEvent<{ elt?: unknown }>).detail;
  if (!(elt instanceof HTMLElement) || elt.dataset["live"] === undefined) return;
  const ask = (): void => {
    const now = elt.isConnected || !elt.id ? elt : document.getElementById(elt.id);
    if (now?.isConnected) stir(now);
  };
  const since = Date.now() - (swallowedAt.get(elt.id) ?? -Infinity);
  swallowedAt.set(elt.id, Date.now());
  if (navigator.onLine) setTimeout(ask, since > 2 * SWALLOWED_MS ? SOON_MS : SWALLOWED_MS);
  else addEventListener("online", () => setTimeout(ask, SOON_MS), { once: true });
}

document.addEventListener("htmx:sendError", onSwallowed);

/** It was taken hold of while its answer was on the way: the answer is left, and asked for again. */
function onDrawn(event: Event): void {
  const detail = (event as CustomEvent<{ elt?: unknown; shouldSwap?: boolean }>).detail;
  const { elt } = detail;
  if (elt instanceof HTMLElement && elt === event.target && elt.dataset["live"] !== undefined && holds(elt, stir)) detail.shouldSwap = false;
}

document.addEventListener("htmx:beforeSwap", onDrawn);

/** Likewise what an answer for another place brings along; with a menu open in it, too, which stays when the live part around is drawn anew. */
function onBrought(event: Event): void {
  const detail = (event as CustomEvent<{ target?: unknown; shouldSwap?: boolean }>).detail;
  if (!(detail.target instanceof Element)) return;
  const part = detail.target.closest<HTMLElement>("[data-live]");
  if (!part || !(isHeld(detail.target) || detail.target.querySelector("details.pop[open]"))) return;
  detail.shouldSwap = false;
  stir(part);
}

document.addEventListener("htmx:oobBeforeSwap", onBrought);

/** The bookmark up to which the page on screen was drawn. */
function drawn(): string {
  return document.querySelector<HTMLElement>("[data-drawn]")?.dataset["drawn"] ?? "";
}

export class KefuLive extends HTMLElement {
  private stream: Stream | null = null;
  private bookmark = "";
  private running = false;
  private rested = false;
  private lost = false;
  private ended = false;
  private all = false;
  private readonly changed = new Map<string, Set<string>>();
  private readonly recent: { id: string; change: Change }[] = [];
  private readonly early = new Set<string>();
  private firstChange = 0;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private hideTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly sign = make("div", { class: "live-state", role: "status", hidden: true });

  connectedCallback(): void {
    this.bookmark ||= this.getAttribute("last") ?? drawn();
    if (!this.sign.isConnected) this.append(this.sign);
    document.addEventListener("visibilitychange", this.onVisibility);
    document.addEventListener("kefu-given", this.onGiven);
    document.addEventListener("htmx:load", this.onPage);
    addEventListener("online", this.onOnline);
    addEventListener("pagehide", this.rest);
    addEventListener("pageshow", this.onOnline);
    if (!document.hidden) this.run();
  }

  disconnectedCallback(): void {
    clearTimeout(this.hideTimer);
    document.removeEventListener("visibilitychange", this.onVisibility);
    document.removeEventListener("kefu-given", this.onGiven);
    document.removeEventListener("htmx:load", this.onPage);
    removeEventListener("online", this.onOnline);
    removeEventListener("pagehide", this.rest);
    removeEventListener("pageshow", this.onOnline);
    // A boosted link moves this element to the next page; only one that stays away is closed.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.rest();
      clearTimeout(this.flushTimer);
    });
  }

  private run(): void {
    if (this.running || this.ended) return;
    this.running = true;
    this.stream ??= this.make();
    this.stream.start();
    if (!this.rested) return;
    // Notices have no bookmark: what came while the page rested shows on the bell.
    this.mark(`notices:${this.getAttribute("who") ?? ""}`, "");
    this.schedule();
  }

  private make(): Stream {
    const address = this.getAttribute("src") ?? "/live";
    const who = this.getAttribute("who") ?? "";
    const [bookmark, take] = [() => this.bookmark, (word: Word) => this.take(word)];
    return who && SharedStream.possible() ? new SharedStream(address, `kefu-live:${who}`, bookmark, take) : new OwnStream(address, bookmark, take);
  }

  private readonly rest = (): void => {
    this.stream?.stop();
    this.rested ||= this.running;
    this.running = false;
  };

  private take({ word, data, id }: Word): void {
    if (!this.running) return;
    if (word === "open") this.onOpen();
    else if (word === "lost") this.onLost();
    else if (word === "signed-out") this.onSignedOut();
    else if (word === "reset") this.all = true;
    else if (word === "changed") this.onChanged(data, id);
    else if (word === "now") this.onNow(data);
    else if (word === "sign") this.onSign(data);
    // After a reset the server may stand further back (an older copy of the database).
    if (id && (word === "reset" || !isBefore(id, this.bookmark))) this.bookmark = id;
    if (word === "reset") this.schedule();
  }

  private onSign(data: string): void {
    const sign = parseSign(data);
    if (sign) document.dispatchEvent(new CustomEvent("kefu-sign", { detail: sign }));
  }

  private onOpen(): void {
    if (!this.lost) return;
    this.lost = false;
    this.show("connection_back");
    setTimeout(() => !this.lost && this.hide(), SHOWN_BACK_MS);
    this.dispatchEvent(new CustomEvent("kefu-live-back", { bubbles: true }));
  }

  private onLost(): void {
    if (this.lost) return;
    this.lost = true;
    this.show("connection_lost");
    this.dispatchEvent(new CustomEvent("kefu-live-lost", { bubbles: true }));
  }

  /** The session ended: no use in trying again. The page stays, so that what was typed can be saved. */
  private onSignedOut(): void {
    this.rest();
    this.ended = true;
    this.sign.textContent = text("signed_out");
    this.sign.classList.remove("is-back");
    this.sign.hidden = false;
    this.dispatchEvent(new CustomEvent("kefu-signed-out", { bubbles: true }));
  }

  private onChanged(data: string, id: string): void {
    const change = parseChange(data);
    if (!change) return;
    this.recent.push({ id, change });
    if (this.recent.length > REMEMBERED) this.recent.shift();
    if (this.early.delete(id.split("-")[1] ?? "")) return; // told and shown already
    this.note(change);
    this.dispatchEvent(new CustomEvent("kefu-changed", { bubbles: true, detail: change }));
  }

  /** Somebody waits for this one: it is shown at once. */
  private onNow(data: string): void {
    const change = parseChange(data);
    if (!change) return;
    if (this.early.size > REMEMBERED) this.early.clear();
    if (change.of) this.early.add(change.of);
    this.note(change, NOW_MS);
    this.dispatchEvent(new CustomEvent("kefu-changed", { bubbles: true, detail: change }));
  }

  private note(change: Change, quiet = QUIET_MS): void {
    this.mark(change.kind, change.event);
    this.mark(`${change.kind}:${change.id}`, change.event);
    this.schedule(quiet);
  }

  private mark(key: string, event: string): void {
    const events = this.changed.get(key) ?? new Set();
    this.changed.set(key, events.add(event));
  }

  /** A boosted page or a list came: what was told after it was drawn and before it was on screen is told to it again. */
  private readonly onPage = (event: Event): void => {
    if (!(event.target instanceof HTMLElement)) return;
    const part = event.target.matches("[data-drawn]") ? event.target : event.target.querySelector<HTMLElement>("[data-drawn]");
    if (!part) return;
    const since = part.dataset["drawn"] ?? "";
    for (const { id, change } of this.recent) if (since && isBefore(since, id)) this.note(change);
  };

  /** A command of this very page was carried out (HX-Trigger of the answer): what shows its record need not wait for the stream. */
  private readonly onGiven = (event: Event): void => {
    // htmx adds the element that asked, which leads round in a ring: it is left out.
    const detail = (event as CustomEvent<Record<string, unknown>>).detail;
    const change = parseChange(JSON.stringify({ ...detail, elt: undefined }));
    if (change) this.note(change);
  };

  private schedule(quiet = QUIET_MS): void {
    const now = Date.now();
    this.firstChange ||= now;
    clearTimeout(this.flushTimer);
    const wait = Math.max(0, Math.min(quiet, this.firstChange + LONGEST_QUIET_MS - now));
    this.flushTimer = setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    const changed = new Map(this.changed);
    const all = this.all;
    this.changed.clear();
    this.all = false;
    this.firstChange = 0;
    for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
      if (all || concerns(element.dataset, changed)) stir(element);
    }
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.hideTimer);
    if (document.hidden) this.hideTimer = setTimeout(this.rest, HIDDEN_GRACE_MS);
    else this.run();
  };

  private readonly onOnline = (): void => {
    if (document.hidden) return;
    if (this.lost) this.rest();
    this.run();
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
