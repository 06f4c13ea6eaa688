import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, startAsking } from "../islands/ask";
import { find, page, settle } from "./helpers";

describe("questions before important steps", () => {
  beforeEach(() => {
    startAsking();
    page('<form id="form" action="/x"><button id="send" class="btn btn-danger" data-confirm="归档后不能再修改，确定吗？">归档</button></form><a id="link" href="#there" data-confirm="Sure?">x</a>');
  });
  afterEach(() => page(""));

  it("answers with what was pressed", async () => {
    const yes = ask("Really?");
    find<HTMLButtonElement>("dialog .btn-primary").click();
    expect(await yes).toBe(true);
    const no = ask("Really?");
    find<HTMLButtonElement>("dialog .ask-buttons .btn").click();
    expect(await no).toBe(false);
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("holds a form back until the person agrees", async () => {
    const sent = vi.fn((event: Event) => event.preventDefault());
    find("#form").addEventListener("submit", sent);
    find("#send").click();
    await settle();
    expect(sent).not.toHaveBeenCalled();
    expect(find("dialog").textContent).toContain("归档后不能再修改");
    find<HTMLButtonElement>("dialog .btn-danger").click();
    await settle();
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it("holds an htmx request back", async () => {
    const issueRequest = vi.fn();
    const detail = { elt: find("#send"), issueRequest };
    const event = new CustomEvent("htmx:confirm", { bubbles: true, cancelable: true, detail });
    find("#send").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    find<HTMLButtonElement>("dialog .btn-danger").click();
    await settle();
    expect(issueRequest).toHaveBeenCalledWith(true);
  });

  it("lets what asks nothing pass", () => {
    const event = new CustomEvent("htmx:confirm", { bubbles: true, cancelable: true, detail: { elt: find("#form"), issueRequest: vi.fn() } });
    find("#form").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });
});
