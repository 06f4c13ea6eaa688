import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backOff, concerns, parseChange } from "../islands/live";
import { find, page, settle } from "./helpers";

/** Stands for the browser's stream; the server side is tested in Python. */
class Stream extends EventTarget {
  static all: Stream[] = [];
  closed = false;
  constructor(readonly url: URL) {
    super();
    Stream.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  send(kind: string, data: object, id: string): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId: id }));
  }
  static get last(): Stream {
    const last = Stream.all.at(-1);
    if (!last) throw new Error("no stream was opened");
    return last;
  }
}

function hide(hidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

function counted(id: string): { calls: number } {
  const heard = { calls: 0 };
  find(`#${id}`).addEventListener("live", () => (heard.calls += 1));
  return heard;
}

describe("kefu-live", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Stream.all = [];
    vi.stubGlobal("EventSource", Stream);
    page(`<kefu-live src="/live" last="5-1"></kefu-live>
      <p id="one" data-live="workorder:1"></p><p id="two" data-live="workorder:2 complaint:9"></p><p id="any" data-live="workorder"></p>
      <div id="typing" data-live="workorder:1"><input id="field"></div>`);
  });
  afterEach(() => {
    page("");
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("reads changes and refuses anything else", () => {
    expect(parseChange('{"kind":"workorder","id":12,"event":"urged"}')).toEqual({ kind: "workorder", id: "12", event: "urged", of: "" });
    for (const bad of ["", "[]", "null", '{"kind":1,"id":2}', '{"kind":"x"}']) expect(parseChange(bad)).toBeNull();
  });

  it("knows whom a change concerns", () => {
    const changed = new Map([
      ["workorder", new Set(["urged"])],
      ["workorder:1", new Set(["urged"])],
    ]);
    const asks = (live: string, more: DOMStringMap = {}): boolean => concerns({ live, ...more }, changed);
    expect([asks("workorder:1"), asks("workorder:11"), asks("complaint workorder"), asks("*")]).toEqual([true, false, true, true]);
    expect([asks("workorder:1", { liveOnly: "noted urged" }), asks("workorder:1", { liveOnly: "noted" })]).toEqual([true, false]);
    expect([asks("workorder:1", { liveNot: "urged" }), asks("workorder:1", { liveNot: "noted" })]).toEqual([false, true]);
    changed.get("workorder:1")?.add("closed");
    expect(asks("workorder:1", { liveNot: "urged" })).toBe(true);
  });

  it("waits longer each time, never above its limit", () => {
    expect([0, 1, 2, 3].map((tries) => backOff(tries, 0.5))).toEqual([1000, 2000, 4000, 8000]);
    expect(backOff(50, 1)).toBeLessThanOrEqual(37_500);
  });

  it("stirs exactly the elements concerned, once for a burst", () => {
    const [one, two, any] = [counted("one"), counted("two"), counted("any")];
    expect(String(Stream.last.url)).toContain("last=5-1");
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "a" }, "5-2");
    vi.advanceTimersByTime(200);
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "b" }, "5-3");
    expect(one.calls).toBe(0);
    vi.advanceTimersByTime(300);
    expect([one.calls, two.calls, any.calls]).toEqual([1, 0, 1]);
  });

  it("shows at once what is told early, and not again when it comes in its turn", () => {
    const one = counted("one");
    Stream.last.send("now", { kind: "workorder", id: 1, event: "a", of: 7 }, "5-1");
    vi.advanceTimersByTime(30);
    expect(one.calls).toBe(1);
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "a" }, "0-7");
    vi.advanceTimersByTime(2000);
    expect(one.calls).toBe(1);
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "b" }, "0-8");
    vi.advanceTimersByTime(400);
    expect(one.calls).toBe(2);
  });

  it("does not wait for ever in a steady stream", () => {
    const one = counted("one");
    for (let n = 0; n < 12; n += 1) {
      Stream.last.send("changed", { kind: "workorder", id: 1, event: "" }, `5-${n}`);
      vi.advanceTimersByTime(100);
    }
    expect(one.calls).toBe(1);
  });

  it("asks again for what was being fetched when the change came, in whatever stands there by then", () => {
    const one = counted("one");
    find("#one").classList.add("htmx-request");
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "a" }, "5-2");
    vi.advanceTimersByTime(400);
    expect(one.calls).toBe(0);
    const before = find("#one");
    before.outerHTML = '<p id="one" data-live="workorder:1"></p>';
    const anew = counted("one");
    document.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { elt: find("#two") } }));
    vi.advanceTimersByTime(10);
    expect(anew.calls).toBe(0);
    for (let n = 0; n < 2; n += 1) document.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { elt: before } }));
    vi.advanceTimersByTime(10);
    expect(anew.calls).toBe(1);
  });

  it("lets a list rest that is drawn anew at every event, and forgets none", () => {
    page('<kefu-live src="/live"></kefu-live><div id="list" data-live="contact" data-live-pause="2000"></div>');
    const heard = vi.fn();
    find("#list").addEventListener("live", heard);
    for (let n = 1; n <= 10; n += 1) {
      Stream.last.send("now", { kind: "contact", id: n, event: "a", of: n }, "");
      vi.advanceTimersByTime(300);
    }
    expect(heard).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5000);
    expect(heard).toHaveBeenCalledTimes(3);
  });

  it("asks again what the network swallowed: the first time soon, then with patience", () => {
    const one = counted("one");
    const swallow = (): void => {
      document.dispatchEvent(new CustomEvent("htmx:sendError", { detail: { elt: find("#one") } }));
    };
    swallow();
    vi.advanceTimersByTime(1000);
    expect(one.calls).toBe(1);
    swallow();
    vi.advanceTimersByTime(1000);
    expect(one.calls).toBe(1);
    vi.advanceTimersByTime(15_000);
    expect(one.calls).toBe(2);
  });

  it("stirs everything live after a reset", () => {
    const two = counted("two");
    Stream.last.send("reset", {}, "9-9");
    vi.advanceTimersByTime(300);
    expect(two.calls).toBe(1);
  });

  it("leaves an element alone while its field is being typed in", () => {
    const typing = counted("typing");
    const field = find<HTMLInputElement>("#field");
    field.focus();
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "" }, "5-2");
    vi.advanceTimersByTime(2000);
    expect(typing.calls).toBe(0);
    field.blur();
    vi.advanceTimersByTime(10);
    expect(typing.calls).toBe(1);
  });

  it("leaves what is pressed under the hand until the click has gone out", () => {
    page('<kefu-live src="/live" last="5-1"></kefu-live><div id="held" data-live="workorder:1"><a id="link" href="/desk/1">to</a></div>');
    const [held, link] = [counted("held"), find("#link")];
    link.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "urged" }, "5-2");
    vi.advanceTimersByTime(5000);
    find("#held").addEventListener("focusin", () => link.dispatchEvent(new Event("blur"))); // a field loses the focus to what is pressed
    link.dispatchEvent(new Event("focusin", { bubbles: true }));
    vi.advanceTimersByTime(1000);
    expect(held.calls).toBe(0);
    link.dispatchEvent(new Event("pointerup", { bubbles: true }));
    expect(held.calls).toBe(0);
    vi.advanceTimersByTime(100);
    expect(held.calls).toBe(1);
  });

  it("leaves what another answer brings along for a part that is held", () => {
    page('<kefu-live src="/live" last="5-1"></kefu-live><div id="held" data-live="workorder:1"><div id="head"><a id="link" href="/desk/1">to</a></div></div>');
    const [held, head, link] = [counted("held"), find("#head"), find("#link")];
    link.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    const brought = new CustomEvent("htmx:oobBeforeSwap", { bubbles: true, detail: { target: head, shouldSwap: true } });
    head.dispatchEvent(brought);
    expect(brought.detail.shouldSwap).toBe(false);
    link.dispatchEvent(new Event("pointerup", { bubbles: true }));
    vi.advanceTimersByTime(100);
    expect(held.calls).toBe(1);
  });

  it("draws the whole part anew where an answer would put away an open menu", () => {
    page('<kefu-live src="/live" last="5-1"></kefu-live><div id="held" data-live="workorder:1"><div id="head"><details class="pop" open><summary>+</summary></details></div></div>');
    const [held, head] = [counted("held"), find("#head")];
    const brought = (): CustomEvent => new CustomEvent("htmx:oobBeforeSwap", { bubbles: true, detail: { target: head, shouldSwap: true } });
    const first = brought();
    head.dispatchEvent(first);
    expect([first.detail.shouldSwap, held.calls]).toEqual([false, 1]);
    find<HTMLDetailsElement>("details").open = false;
    const second = brought();
    head.dispatchEvent(second);
    expect([second.detail.shouldSwap, held.calls]).toEqual([true, 1]);
  });

  it("lets a link bring its page before its part is drawn anew, though the answer is there already", () => {
    page('<kefu-live src="/live" last="5-1"></kefu-live><div id="held" data-live="workorder:1"><a id="link" href="/desk/1">to</a></div>');
    const [held, element, link] = [counted("held"), find("#held"), find("#link")];
    link.classList.add("htmx-request");
    const answer = new CustomEvent("htmx:beforeSwap", { bubbles: true, detail: { elt: element, shouldSwap: true } });
    element.dispatchEvent(answer);
    expect(answer.detail.shouldSwap).toBe(false);
    element.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { elt: element } }));
    vi.advanceTimersByTime(100);
    expect(held.calls).toBe(0);
    link.classList.remove("htmx-request"); // it came to nothing
    link.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { elt: link } }));
    vi.advanceTimersByTime(100);
    expect(held.calls).toBe(1);
    const later = new CustomEvent("htmx:beforeSwap", { bubbles: true, detail: { elt: element, shouldSwap: true } });
    element.dispatchEvent(later);
    expect(later.detail.shouldSwap).toBe(true);
  });

  it("refreshes at once what a command of this page changed, though htmx puts the asking element into the news", () => {
    page('<kefu-live src="/live"></kefu-live><div id="mine" data-live="workorder:9"></div>');
    const heard = vi.fn();
    find("#mine").addEventListener("live", heard);
    const elt: { self?: unknown } = {};
    elt.self = elt;
    document.dispatchEvent(new CustomEvent("kefu-given", { detail: { kind: "workorder", id: "9", elt } }));
    vi.advanceTimersByTime(2000);
    expect(heard).toHaveBeenCalledOnce();
  });

  it("connects again from where it stood, says that it was lost, and that it is back", () => {
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "" }, "7-7");
    for (let n = 0; n < 2; n += 1) {
      Stream.last.dispatchEvent(new Event("error"));
      expect(Stream.last.closed).toBe(true);
      vi.advanceTimersByTime(5000);
    }
    expect(Stream.all).toHaveLength(3);
    expect(Stream.last.url.searchParams.get("last")).toBe("7-7");
    const sign = find(".live-state");
    expect([sign.hidden, sign.textContent]).toEqual([false, "Connection lost, trying again"]);
    Stream.last.dispatchEvent(new Event("open"));
    expect(sign.textContent).toBe("Connected again");
    vi.advanceTimersByTime(3000);
    expect(sign.hidden).toBe(true);
  });

  it("rests while the tab is hidden and catches up when it is seen", () => {
    hide(true);
    vi.advanceTimersByTime(4000);
    expect(Stream.last.closed).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(Stream.last.closed).toBe(true);
    hide(false);
    expect(Stream.all).toHaveLength(2);
    expect(Stream.last.url.searchParams.get("last")).toBe("5-1");
  });

  it("stands where the server said it is ready, and gives up when the person is signed out", () => {
    Stream.last.send("ready", {}, "6-6");
    Stream.last.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(5000);
    expect(Stream.last.url.searchParams.get("last")).toBe("6-6");
    Stream.last.send("signed-out", {}, "6-7");
    vi.advanceTimersByTime(60_000);
    expect([Stream.last.closed, Stream.all.length]).toEqual([true, 2]);
    expect(find(".live-state").textContent).toContain("signed out");
  });

  it("closes its stream when it leaves the page, and keeps it when a boosted link moves it to the next", async () => {
    const island = find("kefu-live");
    document.body.append(island);
    await settle();
    expect([Stream.last.closed, Stream.all.length]).toEqual([false, 1]);
    island.remove();
    await settle();
    expect(Stream.last.closed).toBe(true);
  });

  it("begins where the page was drawn", () => {
    page(`<main data-drawn="8-4"></main><kefu-live src="/live"></kefu-live>`);
    expect(Stream.last.url.searchParams.get("last")).toBe("8-4");
  });

  it("tells a boosted page what came between its drawing and its showing", () => {
    Stream.last.send("changed", { kind: "workorder", id: 1, event: "" }, "5-2");
    Stream.last.send("changed", { kind: "workorder", id: 2, event: "" }, "5-9");
    vi.advanceTimersByTime(2000);
    const box = document.createElement("div");
    box.innerHTML = `<main data-drawn="5-5"></main>`;
    document.body.append(box);
    const [one, two] = [counted("one"), counted("two")];
    box.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
    vi.advanceTimersByTime(500);
    expect([one.calls, two.calls]).toEqual([0, 1]);
  });

  it("asks for the bell anew after it rested", () => {
    page(`<kefu-live src="/live" who="7"></kefu-live><span id="bell" data-live="notices:7"></span>`);
    const bell = counted("bell");
    hide(true);
    vi.advanceTimersByTime(6000);
    hide(false);
    vi.advanceTimersByTime(500);
    expect(bell.calls).toBe(1);
  });
});
