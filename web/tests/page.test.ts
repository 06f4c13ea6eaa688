import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startPage } from "../islands/page";
import { whenUsed } from "../islands/when-used";
import { morphStyle } from "../islands/morph";
import { find, page, press, settle } from "./helpers";

interface Swap {
  xhr: { status: number; getResponseHeader: (name: string) => string | null };
  boosted?: boolean;
  shouldSwap: boolean;
  isError: boolean;
}

function swapped(status: number, retarget: string | null, boosted = false): Swap {
  const detail: Swap = { xhr: { status, getResponseHeader: (name) => (name === "HX-Retarget" ? retarget : null) }, boosted, shouldSwap: false, isError: true };
  document.body.dispatchEvent(new CustomEvent("htmx:beforeSwap", { bubbles: true, detail }));
  return detail;
}

describe("every page", () => {
  beforeEach(() => startPage());

  it("leaves Enter in any form to the input method while it composes", () => {
    page('<form><input id="a"></form>');
    expect(press(find("#a"), "Enter", { isComposing: true }).defaultPrevented).toBe(true);
    expect(press(find("#a"), "Enter").defaultPrevented).toBe(false);
  });
  afterEach(() => page(""));

  it("follows the link of a row, but not under a button or a selection", () => {
    page('<table><tr data-href="/orders/1"><td id="cell">x</td><td><a class="row-link" href="#o1">1</a></td><td><button id="b">y</button></td></tr></table>');
    const followed = vi.fn((event: Event) => event.preventDefault());
    find("a").addEventListener("click", followed);
    find("#cell").click();
    find("#b").click();
    expect(followed).toHaveBeenCalledTimes(1);
  });

  it("closes menus by a click elsewhere and by Escape", () => {
    page('<details class="pop" open><summary>m</summary><p id="in">x</p></details><p id="out">y</p>');
    find("#in").click();
    expect(find<HTMLDetailsElement>("details").open).toBe(true);
    find("#out").click();
    expect(find<HTMLDetailsElement>("details").open).toBe(false);
    find<HTMLDetailsElement>("details").open = true;
    press(document.body, "Escape");
    expect(find<HTMLDetailsElement>("details").open).toBe(false);
  });

  it("closes the menu from which something was chosen, and the focus goes back to it", () => {
    page('<details class="pop" open><summary tabindex="0">m</summary><a class="dropdown-item" href="#x">x</a></details>');
    find("a").click();
    expect(find<HTMLDetailsElement>("details").open).toBe(false);
    expect(document.activeElement).toBe(find("summary"));
  });

  it("shows the bar until the request is over, though the element that asked is gone", () => {
    page('<div id="asks"></div><div data-quiet id="quiet"></div>');
    const sent = (selector: string): EventTarget => {
      const xhr = new EventTarget();
      find(selector).dispatchEvent(new CustomEvent("htmx:beforeSend", { bubbles: true, detail: { xhr } }));
      return xhr;
    };
    sent("#quiet");
    expect(document.querySelector(".page-progress:not([hidden])")).toBeNull();
    const xhr = sent("#asks");
    const bar = find(".page-progress");
    expect(bar.hidden).toBe(false);
    page("");
    xhr.dispatchEvent(new Event("loadend"));
    expect(bar.hidden).toBe(true);
  });

  it("leaves empty filters out of the address", () => {
    page('<form method="get"><input name="q" value=""><input name="unit" value="1"></form>');
    const formData = new FormData(find<HTMLFormElement>("form"));
    const event = Object.assign(new Event("formdata", { bubbles: true }), { formData });
    find("form").dispatchEvent(event);
    expect([...formData.entries()]).toEqual([["unit", "1"]]);
  });

  it("draws refusals where they belong and never a fault into a fragment", () => {
    page('<kefu-toast id="messages"></kefu-toast>');
    expect(swapped(403, "#messages")).toMatchObject({ shouldSwap: true, isError: false });
    expect(swapped(422, null)).toMatchObject({ shouldSwap: true, isError: false });
    expect(swapped(404, null, true)).toMatchObject({ shouldSwap: true, isError: false });
    expect(swapped(502, null)).toMatchObject({ shouldSwap: false });
    expect(find("#messages").textContent).toContain("did not answer");
  });

  it("sends the token with what changes something", () => {
    page('<input name="csrfmiddlewaretoken" value="token">');
    for (const [verb, wanted] of [["post", "token"], ["get", undefined]] as const) {
      const detail: { verb: string; headers: Record<string, string> } = { verb, headers: {} };
      document.body.dispatchEvent(new CustomEvent("htmx:configRequest", { bubbles: true, detail }));
      expect(detail.headers["X-CSRFToken"]).toBe(wanted);
    }
  });

  it("loads a rare island when it appears", async () => {
    const load = vi.fn(() => Promise.resolve());
    whenUsed("kefu-rare", load);
    expect(load).not.toHaveBeenCalled();
    page("<kefu-rare></kefu-rare>");
    await settle();
    page("<kefu-rare></kefu-rare>");
    await settle();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("knows its swap styles", () => {
    expect([morphStyle("morph"), morphStyle("morph:innerHTML"), morphStyle("innerHTML")]).toEqual(["outerHTML", "innerHTML", null]);
  });
});
