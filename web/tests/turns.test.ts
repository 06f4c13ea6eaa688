import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../islands/turns";
import { find, page, settle } from "./helpers";

/** Stands for the browser's observer: what is on screen is said by the test. */
class Observer {
  static all: Observer[] = [];
  constructor(readonly tell: (entries: { isIntersecting: boolean }[]) => void) {
    Observer.all.push(this);
  }
  observe(): void {}
  disconnect(): void {}
}

describe("kefu-turns", () => {
  const shown: string[] = [];
  beforeEach(async () => {
    vi.stubGlobal("IntersectionObserver", Observer);
    vi.stubGlobal("requestAnimationFrame", (then: () => void) => then());
    Element.prototype.scrollIntoView = function (this: Element) {
      shown.push(this.id);
    };
    page('<div id="talk"><article id="a"></article><kefu-turns id="end"></kefu-turns></div>');
    await settle();
  });
  afterEach(() => {
    page("");
    shown.length = 0;
    vi.unstubAllGlobals();
  });

  it("keeps who reads the end at the end, and leaves alone who reads above", async () => {
    expect(shown).toEqual(["end"]);
    find("#end").insertAdjacentHTML("beforebegin", "<article></article>");
    await settle();
    expect(shown).toEqual(["end", "end"]);
    Observer.all.at(-1)?.tell([{ isIntersecting: false }]);
    find("#end").insertAdjacentHTML("beforebegin", "<article></article>");
    await settle();
    expect(shown).toHaveLength(2);
    find("#talk").outerHTML = '<div id="talk"><article></article><kefu-turns id="end"></kefu-turns></div>';
    await settle();
    expect(shown).toHaveLength(2);
  });

  it("shows a long turn from its beginning", async () => {
    Observer.all.at(-1)?.tell([{ isIntersecting: true }]);
    const long = document.createElement("article");
    long.id = "long";
    vi.spyOn(long, "offsetHeight", "get").mockReturnValue(5000);
    find("#end").before(long);
    await settle();
    expect(shown.at(-1)).toBe("long");
  });
});
