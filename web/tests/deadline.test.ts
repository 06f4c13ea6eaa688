import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { urgency } from "../islands/deadline";
import { find, page } from "./helpers";

const NOW = new Date("2026-03-02T08:00:00Z");

function shown(due: string, more = ""): HTMLElement {
  page(`<span class="deadline-tag"><kefu-deadline due="${due}" ${more} data-left="剩余 {t}" data-over="超时 {t}">--</kefu-deadline></span>`);
  return find("kefu-deadline");
}

describe("kefu-deadline", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(NOW);
  });
  afterEach(() => {
    page("");
    vi.useRealTimers();
  });

  it("knows how near a time is", () => {
    expect(urgency(10, 10, Number.NaN)).toBe("is-over");
    expect(urgency(0, 4 * 3_600_000 + 1, Number.NaN)).toBe("is-far");
    expect(urgency(0, 4 * 3_600_000, Number.NaN)).toBe("is-soon");
    expect(urgency(5, 100, 5)).toBe("is-soon");
    expect(urgency(4, 100, 5)).toBe("is-far");
  });

  it("writes what is left and colours itself and its tag", () => {
    const far = shown("2026-03-03T09:00:00Z");
    expect(far.textContent).toBe("剩余 1 day 1 h");
    expect(far.className).toBe("is-far");
    const soon = shown("2026-03-02T11:00:00+00:00");
    expect(soon.textContent).toBe("剩余 3 h");
    expect(find(".deadline-tag").classList.contains("is-soon")).toBe(true);
  });

  it("turns red when the time passes, and says so once", () => {
    const element = shown("2026-03-02T08:00:15Z");
    const heard = vi.fn();
    document.body.addEventListener("kefu-over", heard);
    expect(element.textContent).toBe("剩余 15 s");
    vi.advanceTimersByTime(1000);
    expect(element.textContent).toBe("剩余 14 s");
    vi.advanceTimersByTime(40_000);
    expect(element.classList.contains("is-over")).toBe(true);
    vi.advanceTimersByTime(120_000);
    expect(element.textContent).toBe("超时 2 min");
    expect(heard).toHaveBeenCalledTimes(1);
    document.body.removeEventListener("kefu-over", heard);
  });

  it("is counted by the second in its last two minutes, and by the minute before", () => {
    const element = shown("2026-03-02T08:02:30Z");
    expect(element.textContent).toBe("剩余 2 min");
    vi.advanceTimersByTime(31_000);
    expect(element.textContent).toMatch(/^剩余 (120|119|1[01]\d) s$/);
    const before = element.textContent;
    vi.advanceTimersByTime(1000);
    expect(element.textContent).not.toBe(before);
  });

  it("follows a changed due time and leaves the server's words when there is none", () => {
    const element = shown("2026-03-02T11:00:00Z");
    element.setAttribute("due", "2026-03-02T07:00:00Z");
    expect(element.textContent).toBe("超时 1 h");
    expect(shown("").textContent).toBe("--");
  });
});
