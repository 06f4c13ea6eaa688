import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../islands/form";
import { holds, treeHolds } from "../islands/gates";
import { find, page, press, settle, type } from "./helpers";

function submits(form: HTMLFormElement): ReturnType<typeof vi.fn> {
  const sent = vi.fn();
  form.addEventListener("submit", sent);
  return sent;
}

describe("kefu-form", () => {
  beforeEach(() => sessionStorage.clear());
  afterEach(() => page(""));

  it("puts the cursor into the first field with an error", () => {
    page('<kefu-form><form><input id="a"><input id="b" aria-invalid="true"><input id="c" class="is-invalid"></form></kefu-form>');
    expect(document.activeElement).toBe(find("#b"));
    type(find("#b"), "better");
    expect(find("#b").hasAttribute("aria-invalid")).toBe(false);
  });

  it("sends once", async () => {
    page('<kefu-form><form><button type="submit">送</button></form></kefu-form>');
    const form = find<HTMLFormElement>("form");
    const sent = submits(form);
    form.requestSubmit();
    await settle();
    expect(find("button").getAttribute("aria-busy")).toBe("true");
    form.requestSubmit();
    expect(sent).toHaveBeenCalledTimes(1);
    dispatchEvent(new Event("pageshow"));
    form.requestSubmit();
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it("is free again when somebody else held the sending back or htmx is done", async () => {
    page('<kefu-form><form><button type="submit">送</button></form></kefu-form>');
    const form = find<HTMLFormElement>("form");
    const sent = submits(form);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.requestSubmit();
    await settle();
    expect(find("button").hasAttribute("aria-busy")).toBe(false);
    form.dispatchEvent(new CustomEvent("htmx:beforeRequest", { bubbles: true }));
    form.requestSubmit();
    expect(sent).toHaveBeenCalledTimes(1);
    form.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { successful: false } }));
    form.requestSubmit();
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it("leaves Enter to the input method and sends by Ctrl+Enter", () => {
    page('<kefu-form><form><textarea id="a"></textarea></form></kefu-form>');
    const form = find<HTMLFormElement>("form");
    const sent = submits(form);
    expect(press(find("#a"), "Enter", { isComposing: true }).defaultPrevented).toBe(true);
    expect(sent).not.toHaveBeenCalled();
    press(find("#a"), "Enter", { ctrlKey: true });
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it("keeps a draft, brings it back, and forgets it when it was sent", async () => {
    vi.useFakeTimers();
    const html = `<kefu-form><form data-draft="call" action="/x"><input name="phone"><input type="password" name="secret"><textarea name="what"></textarea>
      <input type="checkbox" name="paid" value="yes"><select name="type"><option value="a">a</option><option value="b">b</option></select></form></kefu-form>`;
    page(html);
    type(find("[name=phone]"), "13800000000");
    find<HTMLInputElement>("[name=paid]").checked = true;
    find<HTMLSelectElement>("[name=type]").value = "b";
    type(find("[name=secret]"), "hush");
    type(find("[name=what]"), "水管漏水");
    vi.advanceTimersByTime(500);
    vi.useRealTimers();
    expect(JSON.stringify(Object.entries(sessionStorage))).not.toContain("hush");
    page(html);
    expect(find<HTMLInputElement>("[name=phone]").value).toBe("13800000000");
    expect(find<HTMLTextAreaElement>("[name=what]").value).toBe("水管漏水");
    expect(find<HTMLInputElement>("[name=paid]").checked).toBe(true);
    expect(find<HTMLSelectElement>("[name=type]").value).toBe("b");
    expect(find(".draft-note").textContent).toContain("restored");
    find("form").dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { successful: true } }));
    page(html);
    expect(find<HTMLInputElement>("[name=phone]").value).toBe("");
    expect(document.querySelector(".draft-note")).toBeNull();
  });

  it("throws a draft away when asked, and shows the sent values after an error", () => {
    sessionStorage.setItem("draft:call", '{"what":["old"]}');
    page('<kefu-form><form data-draft="call"><input name="what" value="sent" aria-invalid="true"></form></kefu-form>');
    expect(find<HTMLInputElement>("[name=what]").value).toBe("sent");
    page('<kefu-form><form data-draft="call"><input name="what" value="fresh"></form></kefu-form>');
    expect(find<HTMLInputElement>("[name=what]").value).toBe("old");
    find<HTMLButtonElement>(".draft-note button").click();
    expect(find<HTMLInputElement>("[name=what]").value).toBe("fresh");
    expect(sessionStorage.getItem("draft:call")).toBeNull();
  });

  it("shows what depends on an answer and holds the button until the price was told", () => {
    page(`<kefu-form><form><select name="paid"><option value="no">no</option><option value="yes">yes</option></select>
      <div id="price" data-show-when="paid=yes"><input name="amount"><input type="checkbox" name="told" value="1"></div>
      <button id="send" data-gate="paid!=yes" data-gate-reason="why">送</button><p id="why">先告知价格</p></form></kefu-form>`);
    const [price, send, amount] = [find("#price"), find<HTMLButtonElement>("#send"), find<HTMLInputElement>("[name=amount]")];
    expect([price.hidden, amount.disabled, send.disabled, find("#why").hidden]).toEqual([true, true, false, true]);
    find<HTMLSelectElement>("[name=paid]").value = "yes";
    find("[name=paid]").dispatchEvent(new Event("change", { bubbles: true }));
    expect([price.hidden, amount.disabled, send.disabled, find("#why").hidden]).toEqual([false, false, true, false]);
    expect(send.getAttribute("aria-describedby")).toBe("why");
  });

  it("judges conditions in both forms", () => {
    const answers: Record<string, string[]> = { paid: ["yes"], kinds: ["a", "c"], amount: ["12"] };
    const values = (name: string): string[] => answers[name] ?? [];
    expect(holds("paid", values)).toBe(true);
    expect(holds("paid=no|yes & kinds=c", values)).toBe(true);
    expect(holds("paid!=yes", values)).toBe(false);
    expect(holds("nothing", values)).toBe(false);
    expect(treeHolds({ all: [{ field: "paid", op: "eq", value: "yes" }, { field: "amount", op: "gt", value: 9 }] }, values)).toBe(true);
    expect(treeHolds({ any: [{ field: "amount", op: "between", value: [1, 5] }, { not: { field: "none", op: "empty" } }] }, values)).toBe(false);
    expect(treeHolds({ field: "kinds", op: "in", value: ["c"] }, values)).toBe(true);
    expect(treeHolds({}, values)).toBe(true);
  });

  it("shows small pictures of chosen photos", () => {
    page('<kefu-form><form><input type="file" accept="image/*" multiple></form></kefu-form>');
    const input = find<HTMLInputElement>("input");
    const files = [new File(["x"], "漏水.jpg", { type: "image/jpeg" }), new File(["x"], "a.pdf", { type: "application/pdf" })];
    Object.defineProperty(input, "files", { value: files });
    input.dispatchEvent(new Event("change", { bubbles: true }));
    expect([...document.querySelectorAll(".photo-preview img")].map((image) => image.getAttribute("alt"))).toEqual(["漏水.jpg"]);
  });
});
