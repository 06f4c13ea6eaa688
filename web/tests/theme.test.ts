import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isDark } from "../islands/theme";
import { find, page } from "./helpers";

describe("kefu-theme", () => {
  const sent = vi.fn<(address: string, options: RequestInit) => Promise<Response>>(() => Promise.resolve(new Response()));
  beforeEach(() => {
    sent.mockClear();
    vi.stubGlobal("fetch", sent);
    document.head.innerHTML = '<meta name="csrf-token" content="secret">';
    page('<kefu-theme value="auto" action="/me/theme"><button></button></kefu-theme>');
  });
  afterEach(() => {
    page("");
    document.head.innerHTML = "";
    document.documentElement.removeAttribute("data-bs-theme");
    vi.unstubAllGlobals();
  });

  it("goes through device, light and dark, draws each and keeps it", () => {
    const button = find<HTMLButtonElement>("kefu-theme button");
    button.click();
    expect(document.documentElement.dataset["bsTheme"]).toBe("light");
    button.click();
    expect(isDark()).toBe(true);
    expect(button.getAttribute("aria-label")).toBe("Theme: dark");
    button.click();
    expect(document.documentElement.hasAttribute("data-bs-theme")).toBe(false);
    expect(sent.mock.calls.map(([address, options]) => [address, String(options.body)])).toEqual([
      ["/me/theme", "theme=light"],
      ["/me/theme", "theme=dark"],
      ["/me/theme", "theme=auto"],
    ]);
    expect(sent.mock.calls[0]?.[1].headers).toEqual({ "X-CSRFToken": "secret" });
  });

  it("tells charts", () => {
    const heard = vi.fn();
    document.addEventListener("kefu-theme", heard, { once: true });
    find<HTMLButtonElement>("kefu-theme button").click();
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
