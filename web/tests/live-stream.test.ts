import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OwnStream, SharedStream, isBefore, type Word } from "../islands/live-stream";
import { settle } from "./helpers";

/** Stand for the browser: a stream, a channel between tabs, a lock that one holds at a time. */
class Source extends EventTarget {
  static all: Source[] = [];
  closed = false;
  constructor(readonly url: URL) {
    super();
    Source.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  send(kind: string, id: string, data = "{}"): void {
    this.dispatchEvent(new MessageEvent(kind, { data, lastEventId: id }));
  }
  static get open(): Source[] {
    return Source.all.filter((one) => !one.closed);
  }
}

class Channel extends EventTarget {
  static all: Channel[] = [];
  constructor(readonly name: string) {
    super();
    Channel.all.push(this);
  }
  postMessage(data: unknown): void {
    for (const other of Channel.all) if (other !== this && other.name === this.name) other.dispatchEvent(new MessageEvent("message", { data }));
  }
  close(): void {
    Channel.all = Channel.all.filter((one) => one !== this);
  }
}

class Locks {
  private readonly queues = new Map<string, Promise<unknown>>();
  request(name: string, options: { signal: AbortSignal }, run: () => Promise<void>): Promise<unknown> {
    const before = this.queues.get(name) ?? Promise.resolve();
    const turn = before.then(() => (options.signal.aborted ? undefined : run()));
    this.queues.set(name, turn);
    return turn;
  }
}

interface Tab {
  stream: SharedStream;
  heard: Word[];
  bookmark: string;
}

function tab(bookmark: string, name = "kefu-live:7"): Tab {
  const made: Tab = { bookmark, heard: [], stream: new SharedStream("/live", name, () => made.bookmark, (word) => hear(word)) };
  const hear = (word: Word): void => {
    made.heard.push(word);
    if (word.id) made.bookmark = word.id;
  };
  made.stream.start();
  return made;
}

const words = (one: Tab): string[] => one.heard.map(({ word, id }) => `${word} ${id}`.trim());

describe("a stream shared by tabs", () => {
  beforeEach(() => {
    [Source.all, Channel.all] = [[], []];
    vi.stubGlobal("EventSource", Source);
    vi.stubGlobal("BroadcastChannel", Channel);
    vi.stubGlobal("navigator", { locks: new Locks() });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("knows the order of bookmarks", () => {
    expect([isBefore("5-9", "6-1"), isBefore("5-9", "5-10"), isBefore("5-9", "5-9"), isBefore("", "0-1"), isBefore("7-1", "6-9")]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it("is possible only where tabs can speak with each other", () => {
    expect(SharedStream.possible()).toBe(true);
    vi.stubGlobal("navigator", {});
    expect(SharedStream.possible()).toBe(false);
  });

  it("opens one connection, and all tabs hear it", async () => {
    const [one, two, three] = [tab("5-1"), tab("5-1"), tab("5-1")];
    await settle();
    expect(Source.open).toHaveLength(1);
    Source.open[0]?.send("changed", "5-2", '{"kind":"workorder","id":1}');
    for (const each of [one, two, three]) expect(words(each)).toEqual(["changed 5-2"]);
    expect([one, two, three].map((each) => each.stream.leads)).toEqual([true, false, false]);
  });

  it("is handed on when the leading tab closes, from where the next one stands", async () => {
    const [one, two] = [tab("5-1"), tab("5-1")];
    await settle();
    Source.open[0]?.send("changed", "5-2");
    one.stream.stop();
    await settle();
    expect(Source.open).toHaveLength(1);
    expect(Source.open[0]?.url.searchParams.get("last")).toBe("5-2");
    Source.open[0]?.send("changed", "5-3");
    expect(words(two)).toEqual(["changed 5-2", "changed 5-3"]);
    expect(words(one)).toEqual(["changed 5-2"]);
  });

  it("tells a tab that comes later what it missed since it was drawn", async () => {
    tab("5-1");
    await settle();
    for (const id of ["5-2", "5-3", "5-4"]) Source.open[0]?.send("changed", id);
    expect(words(tab("5-3"))).toEqual(["changed 5-4"]);
    expect(words(tab("5-4"))).toEqual([]);
    expect(words(tab("4-9"))).toEqual(["reset 5-4"]);
    expect(words(tab(""))).toEqual([]);
  });

  it("takes a line for dead that says nothing for three beats, and begins anew from where it stood", () => {
    vi.useFakeTimers();
    let bookmark = "5-1";
    const stream = new OwnStream("/live", () => bookmark, ({ id }) => (bookmark = id || bookmark));
    stream.start();
    const [source] = Source.open;
    source?.send("changed", "5-2");
    vi.advanceTimersByTime(59_000);
    source?.send("beat", "");
    vi.advanceTimersByTime(59_000);
    expect(Source.open).toEqual([source]);
    vi.advanceTimersByTime(5_000);
    expect(Source.open).toHaveLength(1);
    expect(Source.open[0]).not.toBe(source);
    expect(Source.open[0]?.url.searchParams.get("last")).toBe("5-2");
    stream.stop();
    vi.advanceTimersByTime(200_000);
    expect(Source.open).toHaveLength(0);
    vi.useRealTimers();
  });

  it("has tabs ask again when another one leads", async () => {
    const one = tab("5-9");
    const two = tab("5-2");
    expect(words(two)).toEqual([]);
    await settle();
    expect(one.stream.leads).toBe(true);
    expect(words(two)).toEqual(["reset 5-9"]);
  });

  it("says to all that the connection is lost, that it is back, and that the person is signed out", async () => {
    vi.useFakeTimers();
    const [one, two] = [tab("5-1"), tab("5-1")];
    await settle();
    Source.open[0]?.dispatchEvent(new Event("error"));
    await vi.advanceTimersByTimeAsync(3000);
    Source.open[0]?.dispatchEvent(new Event("error"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(words(tab("5-1"))).toEqual(["lost"]);
    Source.open[0]?.dispatchEvent(new Event("open"));
    Source.open[0]?.send("signed-out", "5-2");
    expect(words(two)).toEqual(["lost", "open", "signed-out 5-2"]);
    expect(words(one)).toEqual(words(two));
    vi.useRealTimers();
  });

  it("is not shared between different people", async () => {
    tab("5-1");
    tab("5-1", "kefu-live:8");
    await settle();
    expect(Source.open).toHaveLength(2);
  });

  it("gives way: a tab that stopped before its turn never connects", async () => {
    const [one, two] = [tab("5-1"), tab("5-1")];
    two.stream.stop();
    await settle();
    one.stream.stop();
    await settle();
    expect(Source.all).toHaveLength(1);
    one.stream.start();
    await settle();
    expect(Source.open).toHaveLength(1);
  });
});
