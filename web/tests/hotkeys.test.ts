import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyOf } from "../islands/hotkeys";
import { find, page, press } from "./helpers";

describe("kefu-hotkeys", () => {
  beforeEach(() =>
    page(`<kefu-hotkeys><button>?</button></kefu-hotkeys><input id="search" data-key="/" aria-label="Search"><button id="new" data-key="alt+n">新建工单</button>
      <a id="orders" href="#o" data-key="g o">Orders</a><button id="off" data-key="x" disabled>Off</button>`),
  );
  afterEach(() => page(""));

  it("names keys", () => {
    expect(keyOf(new KeyboardEvent("keydown", { key: "˜", code: "KeyN", altKey: true }))).toBe("alt+n");
    expect(keyOf(new KeyboardEvent("keydown", { key: "?", code: "Slash", shiftKey: true }))).toBe("?");
    expect(keyOf(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true }))).toBe("ctrl+enter");
  });

  it("presses what declares the key, also while typing when it has a modifier", () => {
    const pressed = vi.fn();
    find("#new").addEventListener("click", pressed);
    press(document.body, "n", { code: "KeyN", altKey: true });
    press(find("#search"), "n", { code: "KeyN", altKey: true });
    expect(pressed).toHaveBeenCalledTimes(2);
    press(document.body, "/");
    expect(document.activeElement).toBe(find("#search"));
  });

  it("never takes letters from a field or an input method, nor presses what is off", () => {
    const pressed = vi.fn();
    find("#off").addEventListener("click", pressed);
    find("#orders").addEventListener("click", pressed);
    press(document.body, "x");
    press(find("#search"), "g");
    press(find("#search"), "o");
    press(document.body, "/", { isComposing: true });
    expect(pressed).not.toHaveBeenCalled();
    expect(document.activeElement).not.toBe(find("#search"));
  });

  it("knows keys one after the other", () => {
    const pressed = vi.fn();
    find("#orders").addEventListener("click", pressed);
    press(document.body, "g");
    press(document.body, "o");
    expect(pressed).toHaveBeenCalledTimes(1);
  });

  it("lists the keys of the page", () => {
    press(document.body, "?");
    const [here, ways] = [...document.querySelectorAll("dialog .hotkey-list")].map((list) => list.textContent);
    for (const word of ["alt+n", "新建工单", "Search", "?"]) expect(here).toContain(word);
    expect(ways).toBe("g oOrders");
  });

  it("walks through the rows of a list", () => {
    page(`<kefu-hotkeys></kefu-hotkeys><main><table><tbody><tr><td><a class="row-link" id="a" href="#a">1</a></td></tr><tr><td><a class="row-link" id="b" href="#b">2</a></td></tr></tbody></table></main>`);
    press(document.body, "j");
    expect(document.activeElement?.id).toBe("a");
    press(find("#a"), "j");
    expect(document.activeElement?.id).toBe("b");
    press(find("#b"), "k");
    expect(document.activeElement?.id).toBe("a");
  });
});
