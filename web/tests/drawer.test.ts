import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../islands/drawer";
import { find, page, press, settle } from "./helpers";

const FILLED = `<div class="drawer-head"><h2 class="drawer-title">工单 1</h2><button data-drawer-close>x</button></div><input id="inside"><button id="end">send</button>`;

async function fill(): Promise<HTMLElement> {
  find("#opener").focus();
  const drawer = find("kefu-drawer");
  const made = document.createElement("div");
  made.innerHTML = FILLED;
  drawer.replaceChildren(...made.childNodes);
  await settle();
  return drawer;
}

describe("kefu-drawer", () => {
  beforeEach(() => page('<button id="opener">open</button><div data-drawer-reach><button id="hangup">hang up</button></div><kefu-drawer id="drawer"></kefu-drawer>'));
  afterEach(() => page(""));

  it("opens when it is filled, with the focus on its title", async () => {
    const drawer = await fill();
    expect(drawer.hasAttribute("open")).toBe(true);
    expect(drawer.getAttribute("aria-labelledby")).toBe(find(".drawer-title").id);
    expect(document.activeElement).toBe(find(".drawer-title"));
    expect(document.querySelector(".drawer-backdrop")).not.toBeNull();
  });

  it("closes by Esc, by its button and when it is emptied, and gives the focus back", async () => {
    for (const close of [() => press(document, "Escape"), () => find("[data-drawer-close]").click(), () => find("kefu-drawer").replaceChildren()]) {
      const drawer = await fill();
      const heard = vi.fn();
      drawer.addEventListener("kefu-drawer-closed", heard, { once: true });
      close();
      await settle();
      expect(drawer.hasAttribute("open")).toBe(false);
      expect(drawer.childElementCount).toBe(0);
      expect(document.activeElement).toBe(find("#opener"));
      expect(heard).toHaveBeenCalledTimes(1);
    }
  });

  it("closes when the server says drawer-close", async () => {
    const drawer = await fill();
    document.dispatchEvent(new CustomEvent("drawer-close"));
    expect(drawer.hasAttribute("open")).toBe(false);
  });

  it("asks before it throws away what was typed", async () => {
    const drawer = await fill();
    find<HTMLInputElement>("#inside").value = "half a sentence";
    press(document, "Escape");
    await settle();
    expect(drawer.hasAttribute("open")).toBe(true);
    expect(find("dialog.ask").textContent).toContain("Leave without sending");
    find<HTMLButtonElement>("dialog .btn-primary").click();
    await settle();
    expect(drawer.hasAttribute("open")).toBe(false);
  });

  it("does not close by the Escape of an input method", async () => {
    const drawer = await fill();
    press(document, "Escape", { isComposing: true });
    await settle();
    expect(drawer.hasAttribute("open")).toBe(true);
  });

  it("keeps Tab in itself and in what must stay in reach", async () => {
    await fill();
    find("#end").focus();
    expect(press(find("#end"), "Tab").defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(find("#hangup"));
    press(find("#hangup"), "Tab");
    expect(document.activeElement).toBe(find("[data-drawer-close]"));
    press(find("[data-drawer-close]"), "Tab", { shiftKey: true });
    expect(document.activeElement).toBe(find("#hangup"));
  });
});
