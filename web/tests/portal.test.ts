import { afterEach, describe, expect, it } from "vitest";
import "../islands/portal";
import { find, page, press, settle } from "./helpers";

describe("the portal", () => {
  afterEach(() => page(""));

  it("sends once and is free again when the page comes back", async () => {
    page('<form><button type="submit">提交</button></form>');
    const form = find<HTMLFormElement>("form");
    let sent = 0;
    document.body.addEventListener("submit", (event) => !event.defaultPrevented && (sent += 1));
    const stopped = (): boolean => {
      const event = new SubmitEvent("submit", { bubbles: true, cancelable: true });
      form.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect([stopped(), stopped()]).toEqual([false, true]);
    expect(find("button").getAttribute("aria-busy")).toBe("true");
    dispatchEvent(new Event("pageshow"));
    await settle();
    expect(stopped()).toBe(false);
    expect(sent).toBeGreaterThan(0);
  });

  it("leaves Enter to the input method", () => {
    page("<form><input></form>");
    expect(press(find("input"), "Enter", { isComposing: true }).defaultPrevented).toBe(true);
    expect(press(find("input"), "Enter").defaultPrevented).toBe(false);
  });
});
