import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toast } from "../islands/toast";
import { find, page } from "./helpers";

describe("kefu-toast", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    page('<kefu-toast id="messages"><div class="toast" role="status">Saved</div></kefu-toast>');
  });
  afterEach(() => {
    page("");
    vi.useRealTimers();
  });

  it("lets notices go by themselves and keeps errors until they are closed", async () => {
    toast("It failed", "danger");
    await vi.advanceTimersByTimeAsync(7000);
    expect(find("#messages").textContent).toContain("It failed");
    expect(find("#messages").textContent).not.toContain("Saved");
    expect(find(".alert-danger").getAttribute("role")).toBe("alert");
    find<HTMLButtonElement>("[data-toast-close]").click();
    expect(find("#messages").childElementCount).toBe(0);
  });

  it("stays while the pointer rests on it", async () => {
    const notice = find(".toast");
    notice.dispatchEvent(new Event("pointerenter"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(notice.isConnected).toBe(true);
    notice.dispatchEvent(new Event("pointerleave"));
    await vi.advanceTimersByTimeAsync(7000);
    expect(notice.isConnected).toBe(false);
  });

  it("makes room for a form that opens, but keeps what went wrong", () => {
    toast("It failed", "danger");
    document.dispatchEvent(new CustomEvent("kefu-drawer-open"));
    expect(find("#messages").textContent).not.toContain("Saved");
    expect(find("#messages").textContent).toContain("It failed");
  });

  it("never reads what is said as HTML", () => {
    toast("<img src=x>", "info");
    expect(document.querySelector("#messages img")).toBeNull();
  });
});
