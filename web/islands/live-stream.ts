// One event stream of the server, tried again when it breaks; and the same stream shared by all tabs of one person.
export interface Word {
  /** What the server said (changed; now: a change that is told again in its turn; sign: told once; reset, ready, signed-out), or the connection (open, lost). */
  word: "changed" | "now" | "sign" | "reset" | "ready" | "signed-out" | "open" | "lost";
  data: string;
  /** The bookmark behind this word; "" where it has none. */
  id: string;
}

export interface Sign {
  what: string;
  id: number;
  place: number;
}

/** A sign as the server sends it, or null for anything else. */
export function parseSign(data: string): Sign | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) return null;
    const { what, id, place } = parsed as Record<string, unknown>;
    return typeof what === "string" && typeof id === "number" && typeof place === "number" ? { what, id, place } : null;
  } catch {
    return null;
  }
}

export interface Stream {
  start(): void;
  stop(): void;
}

type Tell = (word: Word) => void;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const KEPT = 500;
/** Three beats of the server: a line that says nothing for so long is dead, though nobody said so. */
const SILENT_MS = 60_000;
const SAID = ["changed", "now", "sign", "reset", "ready", "signed-out"] as const;

/** Milliseconds to wait before try number `tries` (from 0), doubled each time, spread by `chance` in 0..1. */
export function backOff(tries: number, chance: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10)) * (0.75 + chance / 2);
}

/** Whether bookmark `one` ("xid-id") stands before `other`; an unreadable one stands before all. */
export function isBefore(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.split("-").map(Number)) as [number[], number[]];
  const [x1 = 0, i1 = 0, x2 = 0, i2 = 0] = [a[0], a[1], b[0], b[1]];
  return x1 < x2 || (x1 === x2 && i1 < i2);
}

/** This tab's own connection. */
export class OwnStream implements Stream {
  private source: EventSource | null = null;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silent: ReturnType<typeof setTimeout> | undefined;
  private readonly heard = (): void => {
    clearTimeout(this.silent);
    this.silent = setTimeout(() => this.onError(), SILENT_MS);
  };

  constructor(
    private readonly address: string,
    private readonly bookmark: () => string,
    private readonly tell: Tell,
  ) {}

  start(): void {
    if (this.source) return;
    clearTimeout(this.timer);
    this.heard();
    const url = new URL(this.address, location.href);
    const last = this.bookmark();
    if (last) url.searchParams.set("last", last);
    const source = new EventSource(url);
    this.source = source;
    source.addEventListener("open", () => {
      this.tries = 0;
      this.heard();
      this.tell({ word: "open", data: "", id: "" });
    });
    source.addEventListener("error", () => this.onError());
    source.addEventListener("beat", this.heard);
    for (const word of SAID) {
      source.addEventListener(word, (event: MessageEvent<string>) => {
        this.heard();
        if (word === "signed-out") this.stop();
        this.tell({ word, data: event.data, id: event.lastEventId });
      });
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.silent);
    this.source?.close();
    this.source = null;
  }

  private onError(): void {
    this.stop();
    const wait = backOff(this.tries, Math.random());
    this.tries += 1;
    if (this.tries > 1) this.tell({ word: "lost", data: "", id: "" });
    this.timer = setTimeout(() => this.start(), wait);
  }
}

interface Letter {
  /** The tab it is for; "" for all. */
  to: string;
  from: string;
  /** A tab asks what it missed since this bookmark. */
  since?: string;
  /** A tab leads from this bookmark on. */
  leads?: string;
  word?: Word;
}

/** One connection for all tabs: a browser allows six to a host. Whoever holds the lock connects and tells the others. */
export class SharedStream implements Stream {
  private readonly me = Math.random().toString(36).slice(2);
  private channel: BroadcastChannel | null = null;
  private waiting: AbortController | null = null;
  private release: (() => void) | null = null;
  private own: OwnStream | null = null;
  private kept: Word[] = [];
  private begin = "";
  private lost = false;

  constructor(
    private readonly address: string,
    private readonly name: string,
    private readonly bookmark: () => string,
    private readonly tell: Tell,
  ) {}

  /** Whether tabs of this browser can speak with each other. */
  static possible(): boolean {
    return typeof BroadcastChannel === "function" && typeof navigator.locks?.request === "function";
  }

  start(): void {
    if (this.channel) return;
    const channel = new BroadcastChannel(this.name);
    this.channel = channel;
    channel.addEventListener("message", (event: MessageEvent<Letter>) => this.read(event.data));
    const waiting = new AbortController();
    this.waiting = waiting;
    this.post({ to: "", from: this.me, since: this.bookmark() });
    navigator.locks
      .request(this.name, { signal: waiting.signal }, () => new Promise<void>((release) => this.lead(release, waiting.signal)))
      .catch(() => undefined);
  }

  stop(): void {
    this.waiting?.abort();
    this.own?.stop();
    this.release?.();
    this.channel?.close();
    this.waiting = this.own = this.release = this.channel = null;
  }

  get leads(): boolean {
    return this.own !== null;
  }

  private post(letter: Letter): void {
    this.channel?.postMessage(letter);
  }

  private lead(release: () => void, signal: AbortSignal): void {
    if (signal.aborted) {
      release();
      return;
    }
    this.release = release;
    this.begin = this.bookmark();
    this.kept = [];
    this.lost = false;
    this.own = new OwnStream(this.address, this.bookmark, (word) => this.pass(word));
    this.own.start();
    this.post({ to: "", from: this.me, leads: this.begin });
  }

  /** What the leader hears: kept for tabs that come later, told to itself and to all. */
  private pass(word: Word): void {
    if (word.word === "open" || word.word === "lost") this.lost = word.word === "lost";
    if (word.word === "ready" && !this.begin) this.begin = word.id;
    if (word.word === "reset") {
      this.kept = [];
      this.begin = word.id;
    }
    if (word.word === "changed") {
      this.kept.push(word);
      const gone = this.kept.length > KEPT ? this.kept.shift() : undefined;
      if (gone?.id) this.begin = gone.id;
    }
    this.tell(word);
    this.post({ to: "", from: this.me, word });
  }

  private read(letter: Letter): void {
    if (letter.from === this.me || (letter.to && letter.to !== this.me)) return;
    if (letter.since !== undefined) {
      if (this.own) this.answer(letter.from, letter.since);
    } else if (letter.leads !== undefined) {
      this.post({ to: letter.from, from: this.me, since: this.bookmark() });
    } else if (letter.word && !this.own) this.tell(letter.word);
  }

  /** What a tab missed since its bookmark; everything anew, if that lies before what is kept. */
  private answer(to: string, since: string): void {
    const say = (word: Word): void => this.post({ to, from: this.me, word });
    if (this.lost) say({ word: "lost", data: "", id: "" });
    if (!since) return;
    if (isBefore(since, this.begin)) say({ word: "reset", data: "{}", id: this.bookmark() });
    else for (const word of this.kept) if (isBefore(since, word.id)) say(word);
  }
}
