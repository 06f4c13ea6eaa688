// The visitor's side of a chat: nothing lost, doubled or reordered, however the network breaks.
import { afterEach, describe, expect, it, vi } from "vitest";
import { Line, Refusal, memory, type Turn } from "../islands/widget-line";
import { begin } from "../islands/widget";

/** A centre that stores each id once and loses every answer while it is cut. */
function centre() {
  const turns: Turn[] = [];
  const state = { cut: "" as "" | "before" | "after" };
  const seen = (after: number) => ({ turns: turns.filter((turn) => turn.seq > after), more: false, talk: turns.length > 0 ? 1 : null, state: "open", place: 0, agent: "021", rated: false, seen: 0, away: false });
  const add = (text: string, id = "") => turns.push({ seq: turns.length + 1, own: id !== "", agent: "", text, at: "", id, files: [] });
  const answer = (url: string, init: RequestInit): Response => {
    const words = JSON.parse(String(init.body)) as { id?: string; text?: string; after: number };
    if (state.cut === "before" || url.endsWith("/stream")) throw new TypeError("no network");
    if (url.endsWith("/send") && !turns.some((turn) => turn.id === words.id)) add(words.text ?? "", words.id);
    if (state.cut === "after") throw new TypeError("the answer is lost");
    return Response.json(seen(words.after ?? 0));
  };
  vi.stubGlobal("fetch", vi.fn(async (url: string, init: RequestInit) => answer(url, init)));
  return { turns, state, add };
}

function heard(prefix: string) {
  const told: Turn[] = [];
  const line = new Line("", "t", memory(prefix), { turns: (fresh) => told.push(...fresh), standing: () => undefined, waiting: () => undefined, refused: () => undefined, types: () => undefined });
  return { line, told };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("the line of a visitor", () => {
  it("sends again what was not answered, and shows each turn once in order", async () => {
    vi.useFakeTimers();
    const there = centre();
    const { line, told } = heard("a:");
    line.start();
    line.write("一");
    await vi.advanceTimersByTimeAsync(100);
    there.state.cut = "after";
    line.write("二");
    line.write("三");
    await vi.advanceTimersByTimeAsync(100);
    there.state.cut = "before";
    there.add("答");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(line.pending).toHaveLength(2);
    there.state.cut = "";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(there.turns.map((turn) => turn.text)).toEqual(["一", "二", "答", "三"]);
    expect(told.map((turn) => turn.text)).toEqual(["一", "二", "答", "三"]);
    expect(line.pending).toHaveLength(0);
    line.stop();
  });

  it("sends again where the line died without a word", async () => {
    vi.useFakeTimers();
    const there = centre();
    const { line, told } = heard("dead:");
    line.start();
    await vi.advanceTimersByTimeAsync(100);
    const works = fetch;
    const dead = (_url: string, init: RequestInit) => new Promise((_done, fail) => init.signal?.addEventListener("abort", () => fail(new DOMException("aborted", "AbortError"))));
    vi.stubGlobal("fetch", vi.fn(dead));
    line.write("还在吗");
    await vi.advanceTimersByTimeAsync(10_000);
    vi.stubGlobal("fetch", works);
    expect(there.turns).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(told.map((turn) => turn.text)).toEqual(["还在吗"]);
    expect(line.pending).toHaveLength(0);
    line.stop();
  });

  it("keeps what was not sent over a reload of the page", async () => {
    vi.useFakeTimers();
    const there = centre();
    there.state.cut = "before";
    const first = heard("b:").line;
    first.start();
    first.write("还在吗");
    await vi.advanceTimersByTimeAsync(100);
    first.stop();
    there.state.cut = "";
    const { line, told } = heard("b:");
    line.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(told.map((turn) => turn.text)).toEqual(["还在吗"]);
    line.stop();
  });

  it("asks again and again where a browser cannot read a stream, and leaves none open", async () => {
    vi.useFakeTimers();
    const there = centre();
    there.add("您好");
    const open: AbortSignal[] = [];
    const plain = globalThis.fetch;
    vi.stubGlobal(
      "fetch",
      vi.fn(async (url: string, init: RequestInit) => {
        if (!url.endsWith("/stream")) return plain(url, init);
        if (init.signal) open.push(init.signal);
        return { ok: true } as Response;
      }),
    );
    const { line, told } = heard("d:");
    line.start();
    await vi.advanceTimersByTimeAsync(10_000);
    there.add("还在吗");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told.map((turn) => turn.text)).toEqual(["您好", "还在吗"]);
    expect(open.map((one) => one.aborted)).toEqual([true]);
    line.stop();
  });

  it("says what a refusal says, field by field", () => {
    expect(new Refusal(422, { title: "请更正", errors: [{ field: "phone", message: "请填写电话" }] }).told).toBe("请填写电话");
    expect(new Refusal(429, { title: "请稍后再试" }).told).toBe("请稍后再试");
    expect(new Refusal(500, {}).told).toBe("500");
  });

  it("works where the browser keeps nothing", () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("blocked");
      },
      setItem: () => {
        throw new Error("blocked");
      },
      clear: () => undefined,
    });
    const kept = memory("c:");
    kept.write("token", "t");
    expect(kept.read("token")).toBe("t");
  });
});

describe("the widget", () => {
  it("stands in a shadow tree and leaves no style on the page", () => {
    const script = document.createElement("script");
    script.src = "https://kefu.example/static/bundle/widget.js";
    script.dataset["key"] = "k";
    script.dataset["language"] = "zh";
    const widget = begin(script);
    expect(widget?.host.shadowRoot?.querySelector("button")?.textContent).toBe("在线客服");
    expect(document.querySelectorAll("style")).toHaveLength(0);
    expect(begin(script)).toBeNull();
    widget?.host.remove();
  });

  it("starts by itself for whom the site names, and keeps each one's talk apart on a shared browser", async () => {
    const asked: { door: string; identity?: string }[] = [];
    vi.stubGlobal(
      "fetch",
      vi.fn(async (url: string, init: RequestInit) => {
        const door = url.split("/").pop() ?? "";
        asked.push({ door, ...(JSON.parse(String(init.body)) as { identity?: string }) });
        if (door === "begin") return Response.json({ name: "客服", greeting: "", consent: "", open: true });
        if (door === "start") return Response.json({ token: `t${String(asked.length)}` });
        throw new TypeError("no network");
      }),
    );
    const open = async (identity: string) => {
      const script = document.createElement("script");
      script.src = "https://kefu.example/static/bundle/widget.js";
      script.dataset["key"] = "k";
      script.dataset["identity"] = identity;
      const widget = begin(script);
      widget?.host.shadowRoot?.querySelector("button")?.click();
      await vi.waitFor(() => expect(widget?.host.shadowRoot?.querySelector("textarea")).toBeTruthy());
      widget?.host.remove();
    };
    const word = (sub: string) => `h.${btoa(JSON.stringify({ sub }))}.s`;
    await open(word("1001"));
    await open(word("1002"));
    await open(word("1001"));
    expect(asked.filter((one) => one.door === "start").map((one) => one.identity)).toEqual([word("1001"), word("1002")]);
    expect(Object.keys(localStorage).filter((name) => name.endsWith(":token"))).toHaveLength(2);
  });

  it("offers to try again where the centre did not answer, and greets once", async () => {
    let cut = true;
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => {
        if (cut) throw new TypeError("no network");
        return Response.json({ name: "客服", greeting: "您好", consent: "", open: true });
      }),
    );
    const script = document.createElement("script");
    script.src = "https://kefu.example/static/bundle/widget.js";
    script.dataset["key"] = "again";
    script.dataset["language"] = "zh";
    const shadow = begin(script)?.host.shadowRoot;
    if (!shadow) throw new Error("no widget");
    const press = (words: string): void => [...shadow.querySelectorAll("button")].find((one) => one.textContent === words)?.click();
    const shows = (words: string) => vi.waitFor(() => expect(shadow.textContent).toContain(words));
    shadow.querySelector("button")?.click();
    await shows("重试");
    expect(shadow.querySelector<HTMLElement>(".wrong")?.hidden).toBe(false);
    press("重试");
    await vi.waitFor(() => expect(shadow.querySelector<HTMLButtonElement>("form button")?.disabled).toBe(false));
    cut = false;
    press("重试");
    await shows("开始咨询");
    expect(shadow.querySelector<HTMLElement>(".wrong")?.hidden).toBe(true);
    press("×");
    shadow.querySelector("button")?.click();
    await shows("开始咨询");
    expect(shadow.querySelectorAll(".turn")).toHaveLength(1);
    shadow.host.remove();
  });
});
