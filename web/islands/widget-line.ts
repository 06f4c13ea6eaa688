// The line between a visitor's page and the centre: what is written is sent until it is stored, what comes is told once and in order,
// whichever side the network breaks on. Nothing here touches the page.
export interface Turn {
  seq: number;
  own: boolean;
  agent: string;
  text: string;
  at: string;
  /** The id this browser gave to what it sent; "" for what came from the centre. */
  id: string;
  files: Enclosed[];
  /** The robot said it: from this article, if from one. */
  robot?: { article?: number; title?: string; helped?: boolean | null };
}

export interface Enclosed {
  id: number;
  name: string;
  type: string;
}

export interface Standing {
  talk: number | null;
  state: string;
  place: number;
  agent: string;
  rated: boolean;
  /** The last own turn that an agent had before him. */
  seen: number;
  /** He waits, and nobody is there at this hour. */
  away: boolean;
}

export interface Seen extends Standing {
  turns: Turn[];
  more: boolean;
}

export interface Waiting {
  id: string;
  text: string;
  /** The name of its file, which itself is kept only as long as the page. */
  name?: string;
}

export interface Listener {
  turns(fresh: Turn[]): void;
  standing(now: Standing): void;
  /** How many messages still wait to be stored, and whether the line is broken. */
  waiting(count: number, broken: boolean): void;
  refused(text: string): void;
  /** The agent types right now. */
  types(): void;
}

/** Where the line keeps what must outlive the page: the storage of the browser, or memory where it is blocked. */
export interface Memory {
  read(name: string): string;
  write(name: string, value: string): void;
}

const FIRST_MS = 500;
const LAST_MS = 15_000;
const POLL_MS = 3000;
const SILENT_MS = 60_000;
const [ANSWER_MS, UPLOAD_MS] = [30_000, 300_000];
const MARK_MS = 3000;

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Record<string, unknown>,
  ) {
    super(String(problem["detail"] ?? problem["title"] ?? status));
  }

  /** The sentences of the refusal, those of the fields first. */
  get told(): string {
    const fields: unknown = this.problem["errors"];
    const each = Array.isArray(fields) ? fields.map((one: { message?: unknown }) => String(one.message ?? "")) : [];
    return each.join(" ") || this.message;
  }
}

function isSeen(value: unknown): value is Seen {
  return typeof value === "object" && value !== null && Array.isArray((value as Seen).turns);
}

/** A name that no other message has. */
export function newId(): string {
  const parts = new Uint32Array(4);
  crypto.getRandomValues(parts);
  return [...parts].map((part) => part.toString(36)).join("-");
}

/** Whom a signed word names: on a shared browser nobody finds the talk of another. Whether it is true the centre judges. */
export function subject(identity: string): string {
  try {
    const { sub } = JSON.parse(atob((identity.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))) as { sub?: unknown };
    return sub === undefined ? "" : `${String(sub)}:`;
  } catch {
    return identity ? "unknown:" : "";
  }
}

/** Storage of the browser that may be forbidden (blocked cookies, private windows): memory steps in. */
export function memory(prefix: string): Memory {
  const held = new Map<string, string>();
  return {
    read(name) {
      try {
        return localStorage.getItem(prefix + name) ?? held.get(name) ?? "";
      } catch {
        return held.get(name) ?? "";
      }
    },
    write(name, value) {
      held.set(name, value);
      try {
        localStorage.setItem(prefix + name, value);
      } catch {
        // It lasts as long as the page.
      }
    },
  };
}

/** What a door is asked: words as text, or as a form where a file goes along; no browser asks beforehand for either. */
function body(words: Record<string, unknown>, file: File | undefined): BodyInit {
  if (!file) return JSON.stringify(words);
  const form = new FormData();
  for (const name of Object.keys(words)) form.append(name, String(words[name]));
  form.append("file", file, file.name);
  return form;
}

/** Ask one door of the centre. No cookie goes along. */
export async function ask(home: string, door: string, words: Record<string, unknown>, signal?: AbortSignal, file?: File): Promise<Response> {
  const answer = await fetch(`${home}/chat/${door}`, {
    method: "POST",
    body: body(words, file),
    ...(file ? {} : { headers: { "Content-Type": "text/plain" } }),
    credentials: "omit",
    cache: "no-store",
    ...(signal ? { signal } : {}),
  });
  if (answer.ok) return answer;
  const problem: unknown = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, typeof problem === "object" && problem !== null ? (problem as Record<string, unknown>) : {});
}

/** A line that died without a word would hold what waits for its answer for ever. */
async function within<T>(limit: number, asking: (signal: AbortSignal) => Promise<T>, mine = new AbortController()): Promise<T> {
  const late = setTimeout(() => mine.abort(), limit);
  return asking(mine.signal).finally(() => clearTimeout(late));
}

export class Line {
  private last = 0;
  private talk: number | null = null;
  private readonly outbox: Waiting[];
  private readonly files = new Map<string, File>();
  private sending = false;
  private tries = 0;
  private stopped = true;
  private streamless = false;
  private stream: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private typed = 0;
  private read = 0;
  private reading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly home: string,
    readonly token: string,
    private readonly kept: Memory,
    private readonly tell: Listener,
  ) {
    let held: unknown = [];
    try {
      held = JSON.parse(kept.read("outbox") || "[]");
    } catch {
      held = [];
    }
    // A file that was not sent is gone with its page.
    this.outbox = Array.isArray(held) ? (held as Waiting[]).filter((one) => !one.name) : [];
  }

  get pending(): readonly Waiting[] {
    return this.outbox;
  }

  /** Look at what there is, then listen. */
  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    void this.listen();
    void this.flush();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.stream?.abort();
    this.stream = null;
  }

  /** The network is back: try at once. */
  wake(): void {
    this.tries = 0;
    if (this.stopped) return;
    void this.flush();
    if (this.stream) return;
    clearTimeout(this.timer);
    void this.listen();
  }

  write(text: string, file?: File): Waiting {
    const made: Waiting = { id: newId(), text, ...(file ? { name: file.name } : {}) };
    if (file) this.files.set(made.id, file);
    this.outbox.push(made);
    this.keep();
    void this.flush();
    return made;
  }

  /** The visitor types: told at most every three seconds, while the stream stands. */
  types(): void {
    if (!this.stream || this.talk === null || Date.now() - this.typed < MARK_MS) return;
    this.typed = Date.now();
    this.mark({ types: true });
  }

  /** What came is before the visitor's eyes. */
  readUpTo(seq: number): void {
    if (seq <= this.read) return;
    this.read = seq;
    if (this.reading !== undefined) return;
    this.reading = setTimeout(() => {
      this.reading = undefined;
      this.mark({ read: this.read });
    }, MARK_MS / 3);
  }

  private mark(words: Record<string, unknown>): void {
    ask(this.home, "mark", { token: this.token, ...words }).catch(() => undefined);
  }

  /** A word to the robot: that an answer helped or not, or (no words) that a person is wanted. */
  async robot(words: Record<string, unknown> = {}): Promise<void> {
    const seen: unknown = await (await ask(this.home, "robot", { token: this.token, after: this.last, ...words })).json();
    if (isSeen(seen)) this.take(seen);
  }

  /** The bytes of a file of this talk. */
  async open(file: Enclosed): Promise<Blob> {
    const answer = await ask(this.home, "file", { token: this.token, file: file.id });
    return new Blob([await answer.arrayBuffer()], { type: file.type });
  }

  private keep(): void {
    this.kept.write("outbox", JSON.stringify(this.outbox));
    this.tell.waiting(this.outbox.length, this.tries > 0);
  }

  /** Send what waits, one after the other; each stays until the centre has stored it. */
  private async flush(): Promise<void> {
    if (this.sending || this.stopped) return;
    this.sending = true;
    try {
      let next = this.outbox[0];
      while (next && !this.stopped) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, or they would overtake each other
        if (!(await this.send(next))) break;
        next = this.outbox[0];
      }
    } finally {
      this.sending = false;
    }
  }

  private async send(one: Waiting): Promise<boolean> {
    try {
      const [file, words] = [this.files.get(one.id), { token: this.token, id: one.id, text: one.text, after: this.last }];
      const seen = await within<unknown>(file ? UPLOAD_MS : ANSWER_MS, async (signal) => (await ask(this.home, "send", words, signal, file)).json());
      this.tries = 0;
      this.drop(one);
      if (isSeen(seen)) this.take(seen);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.status >= 400 && error.status < 500 && error.status !== 429) {
        this.drop(one);
        this.tell.refused(error.told);
        return true;
      }
      this.tries += 1;
      this.keep();
      setTimeout(() => void this.flush(), this.pause());
      return false;
    }
  }

  private drop(one: Waiting): void {
    const at = this.outbox.findIndex((held) => held.id === one.id);
    if (at >= 0) this.outbox.splice(at, 1);
    this.files.delete(one.id);
    this.keep();
  }

  private pause(): number {
    return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(this.tries, 6)) * (0.75 + Math.random() / 2);
  }

  private take(seen: Seen): void {
    const fresh = seen.turns.filter((turn) => turn.seq > this.last);
    const newest = fresh[fresh.length - 1];
    if (newest) this.last = newest.seq;
    for (const turn of fresh) {
      const mine = this.outbox.find((held) => held.id === turn.id);
      if (mine) this.drop(mine);
    }
    if (fresh.length > 0) this.tell.turns(fresh);
    const { talk, state, place, agent, rated, seen: before, away } = seen;
    this.tell.standing({ talk, state, place, agent, rated, seen: before, away });
    if (talk === this.talk) return;
    // Another conversation goes on: its stream is another one.
    this.talk = talk;
    this.stream?.abort();
    this.stream = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.listen(), 0);
  }

  /** Read the stream until it breaks, then again from the last turn; ask now and then where there are no streams. */
  private async listen(): Promise<void> {
    if (this.stopped || this.stream) return;
    const mine = new AbortController();
    this.stream = mine;
    try {
      if (this.talk === null || this.streamless) await within(ANSWER_MS, (signal) => this.poll(signal), mine);
      if (this.talk !== null && !this.streamless && !mine.signal.aborted) await this.follow(mine);
      this.tries = 0;
    } catch {
      if (!mine.signal.aborted) this.tries += 1;
    }
    if (this.stream !== mine) return;
    this.stream = null;
    this.tell.waiting(this.outbox.length, this.tries > 0);
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.listen(), this.tries > 0 ? this.pause() : POLL_MS);
  }

  private async poll(signal: AbortSignal): Promise<void> {
    const seen: unknown = await (await ask(this.home, "turns", { token: this.token, after: this.last }, signal)).json();
    if (!isSeen(seen)) return;
    const more = seen.more;
    const before = this.talk;
    this.talk = seen.talk;
    this.take(seen);
    if (more && before === this.talk) await this.poll(signal);
  }

  private async follow(mine: AbortController): Promise<void> {
    const answer = await ask(this.home, "stream", { token: this.token, after: this.last }, mine.signal);
    const reader = answer.body?.getReader();
    if (!reader) {
      // A stream that cannot be read is closed and never asked for again.
      this.streamless = true;
      mine.abort();
      return;
    }
    this.tries = 0;
    this.tell.waiting(this.outbox.length, false);
    void this.flush();
    const letters = new TextDecoder();
    let rest = "";
    for (;;) {
      const silent = setTimeout(() => mine.abort(), SILENT_MS);
      // oxlint-disable-next-line no-await-in-loop -- a stream is read piece by piece
      const { value, done } = await reader.read().finally(() => clearTimeout(silent));
      if (done) return;
      rest += letters.decode(value, { stream: true });
      const said = rest.split("\n\n");
      rest = said.pop() ?? "";
      for (const one of said) this.hear(one);
      if (mine.signal.aborted) return;
    }
  }

  private hear(said: string): void {
    if (!said.startsWith("data: ")) return;
    try {
      const seen: unknown = JSON.parse(said.slice(6));
      if (isSeen(seen)) this.take(seen);
      else if (typeof seen === "object" && seen !== null && "types" in seen) this.tell.types();
    } catch {
      // Half a word: the next look tells it again.
    }
  }
}
