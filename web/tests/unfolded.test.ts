import { beforeAll, describe, expect, it } from "vitest";
import { keepUnfolded } from "../islands/unfolded";
import { find, page } from "./helpers";

const menu = (count: number, open = ""): string =>
  `<div id="part"><details${open}><summary>Settled ${count}</summary></details><details><summary>More</summary></details></div>`;

/** What htmx does when an answer is on screen: tell before, put the new part there, tell after. */
function answered(cause: string | null, fresh: string): void {
  const triggeringEvent = cause === null ? undefined : new Event(cause);
  const target = find("#part");
  target.dispatchEvent(new CustomEvent("htmx:beforeSwap", { bubbles: true, detail: { target, shouldSwap: true, requestConfig: { triggeringEvent } } }));
  page(fresh);
  find("#part").dispatchEvent(new CustomEvent("htmx:afterSwap", { bubbles: true, detail: {} }));
}

function opened(): boolean[] {
  return [...document.querySelectorAll("details")].map((fold) => fold.open);
}

describe("a part drawn anew by itself", () => {
  beforeAll(() => keepUnfolded());

  it("keeps open what the person had opened, though a count in its words has grown", () => {
    page(menu(1, " open"));
    answered("live", menu(2));
    expect(opened()).toEqual([true, false]);
    answered(null, menu(2));
    expect(opened()).toEqual([true, false]);
  });

  it("is as the server drew it when the person has pressed something", () => {
    page(menu(1, " open"));
    answered("submit", menu(1));
    expect(opened()).toEqual([false, false]);
  });

  it("opens nothing that was closed, and nothing a second time", () => {
    page(menu(1, " open"));
    answered("live", menu(1));
    for (const fold of document.querySelectorAll("details")) fold.open = false;
    answered("live", menu(1));
    expect(opened()).toEqual([false, false]);
  });
});
