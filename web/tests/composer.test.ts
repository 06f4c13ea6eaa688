import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { called, fitting } from "../islands/composer";
import { find, page, press } from "./helpers";

const CARDS = [
  ["请稍等", "请您稍等，我正在查询。", "qsd qnsdwzzcx"],
  ["核对工单", "请问是工单……吗？", "hdgd qwsgdm"],
];
const OPTIONS = CARDS.map(([title, said, keys], at) => `<li class="choice-option" role="option" id="o${at}" data-keys="${keys}"><span class="choice-title">${title}</span> <span class="choice-text">${said}</span></li>`).join("");

function box(): HTMLTextAreaElement {
  return find<HTMLTextAreaElement>("textarea");
}

function write(words: string): void {
  box().value = words;
  box().setSelectionRange(words.length, words.length);
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

describe("what the sign calls", () => {
  it("is called at the beginning of a word only, with a Chinese keyboard too", () => {
    expect(called("您好，/qs", 6, "/@")).toEqual({ sign: "/", from: 3, query: "qs" });
    expect(called("／", 1, "/")?.query).toBe("");
    expect(called("、hd", 3, "/")?.query).toBe("hd");
    for (const words of ["和/或", "1/2", "苹果、梨", "/a b"]) expect(called(words, words.length, "/")).toBeNull();
    expect(called("好/", 2, "/", 1)?.from).toBe(1);
  });

  it("finds by words and first letters, beginnings first", () => {
    const items = CARDS.map(([title, text, keys]) => ({ title: title ?? "", text: text ?? "", keys: keys ?? "" }));
    expect(["", "q", "hd", "工单", "h'd", "xx"].map((query) => fitting(items, query))).toEqual([[0, 1], [0, 1], [1], [1], [1], []]);
  });
});

describe("kefu-composer", () => {
  beforeEach(() => page(`<kefu-composer><form hx-post="/inbox/1/do/reply"><ul class="choice-list" role="listbox" data-sign="/" hidden><li class="choice-group">稍等</li>${OPTIONS}</ul><textarea></textarea><button type="button" data-call="/"></button></form></kefu-composer><button id="hit" data-insert="总闸在门后"></button>`));

  it("puts a text in by Enter and marks its first gap", () => {
    write("好的，/hd");
    expect(find("[role=listbox]").hidden).toBe(false);
    expect(find("#o0").hidden).toBe(true);
    expect(box().getAttribute("aria-activedescendant")).toBe("o1");
    expect(press(box(), "Enter").defaultPrevented).toBe(true);
    expect(box().value).toBe("好的，请问是工单……吗？");
    expect(box().value.slice(box().selectionStart, box().selectionEnd)).toBe("……");
    expect(find("[role=listbox]").hidden).toBe(true);
  });

  it("walks by arrows, closes by Escape and stays closed, leaves Enter to who composes", () => {
    write("/");
    press(box(), "ArrowDown");
    expect(box().getAttribute("aria-activedescendant")).toBe("o1");
    expect(press(box(), "Enter", { isComposing: true }).defaultPrevented).toBe(false);
    press(box(), "Escape");
    write("/q");
    expect(find("[role=listbox]").hidden).toBe(true);
    expect(press(box(), "Enter").defaultPrevented).toBe(false);
  });

  it("is opened by its button and picked by mouse; an article is put in where the cursor stands", () => {
    write("好");
    find<HTMLButtonElement>("[data-call]").click();
    find("#o0").dispatchEvent(new Event("pointerdown", { bubbles: true, cancelable: true }));
    expect(box().value).toBe("好请您稍等，我正在查询。");
    find<HTMLButtonElement>("#hit").click();
    expect(box().value).toBe("好请您稍等，我正在查询。总闸在门后");
  });

  it("marks the box while something is refused and keeps the words", () => {
    const faults = document.createElement("div");
    faults.id = "composer-faults";
    find("form").append(faults);
    const swap = (html: string): void => {
      faults.innerHTML = html;
      faults.dispatchEvent(new Event("htmx:afterSwap", { bubbles: true }));
    };
    write("你这个笨蛋");
    swap("<p>换一种说法</p>");
    expect([box().value, box().getAttribute("aria-invalid"), document.activeElement]).toEqual(["你这个笨蛋", "true", box()]);
    swap("");
    expect([box().hasAttribute("aria-invalid"), box().classList.contains("is-invalid")]).toEqual([false, false]);
  });

  it("takes those whom a letter names, ticked, and forgets them once it was sent", () => {
    const form = find<HTMLFormElement>("form");
    form.insertAdjacentHTML("beforeend", `<details data-copies><div data-copies-all></div></details>`);
    document.body.insertAdjacentHTML("beforeend", `<button id="all" data-all></button><template><input type="checkbox" name="also" value="7.0" checked></template>`);
    find("#all").click();
    find("#all").click();
    expect([new FormData(form).getAll("also"), find<HTMLDetailsElement>("[data-copies]").open]).toEqual([["7.0"], true]);
    form.dispatchEvent(new CustomEvent("kefu-given", { bubbles: true, detail: { kind: "conversation", id: "1", elt: form } }));
    expect([new FormData(form).getAll("also"), find<HTMLDetailsElement>("[data-copies]").open]).toEqual([[], false]);
  });

  it("is empty for the next once it was sent", () => {
    write("好的");
    const form = find("form");
    form.dispatchEvent(new CustomEvent("kefu-given", { bubbles: true, detail: { kind: "conversation", id: "1", elt: form } }));
    expect(box().value).toBe("");
  });
});

describe("colleagues behind @", () => {
  const LIST = `<li class="choice-group">Colleagues</li><li class="choice-option" role="option" id="c1" data-keys="cj 021" data-text="@021 陈静 "><span class="choice-title">陈静</span> <span class="choice-text">021</span></li><li class="choice-option" role="option" id="c2" data-keys="wm 022" data-text="@022 吴敏 "><span class="choice-title">吴敏</span> <span class="choice-text">022</span></li>`;
  beforeEach(() => page(`<kefu-composer><form hx-post="/inbox/1/do/reply"><ul role="listbox" data-sign="/" hidden></ul><ul id="people" role="listbox" data-sign="@" hidden></ul><textarea></textarea></form></kefu-composer>`));

  it("are found by name, number and first letters, and put in by number; letters of addresses call nobody", () => {
    find("#people").innerHTML = LIST;
    for (const words of ["请看 @wm", "请看 @022", "请看 ＠吴"]) {
      write(words);
      expect(box().getAttribute("aria-activedescendant")).toBe("c2");
    }
    expect(press(box(), "Enter").defaultPrevented).toBe(true);
    expect(box().value).toBe("请看 @022 吴敏 ");
    expect(find("#people").hidden).toBe(true);
    for (const words of ["mail@wm", "@zz", "@wm 吴敏 看"]) {
      write(words);
      expect(find("#people").hidden).toBe(true);
    }
  });
});

describe("a note in the reply box", () => {
  const listed = (name: string): string => `<li class="choice-option" role="option" id="c-${name}" data-keys="cj 021" data-text="@021 ${name} "><span class="choice-title">${name}</span></li>`;
  const sent = vi.fn();
  const asked = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    sent.mockReset();
    asked.mockReset().mockImplementation(() => Promise.resolve(new Response(listed("陈静"))));
    vi.stubGlobal("fetch", asked);
    page(`<kefu-composer><form>
<input type="radio" name="mode" id="composer-reply" value="reply" checked><label for="composer-reply">Reply</label><input type="radio" name="mode" id="composer-note" value="note"><label for="composer-note">Note</label>
<ul role="listbox" data-sign="@" data-mode="note" data-src="/inbox/1/colleagues" hidden></ul><textarea data-reply="to the customer" data-note="for colleagues"></textarea>
<button type="submit" data-only="reply" data-send="reply"></button><button type="submit" data-only="note" data-send="note"></button></form></kefu-composer>`);
    find("form").addEventListener("submit", (event) => {
      event.preventDefault();
      sent((event as SubmitEvent).submitter?.dataset["send"]);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const turn = (mode: string): void => find(`#composer-${mode}`).click();

  it("offers colleagues in a note only, asked from the centre by what is typed", async () => {
    write("@c");
    await vi.runAllTimersAsync();
    expect(asked).not.toHaveBeenCalled();
    expect(box().placeholder).toBe("to the customer");
    turn("note");
    write("@c");
    write("@cj");
    await vi.runAllTimersAsync();
    expect(asked.mock.calls.map((call) => call[0] as string)).toEqual(["/inbox/1/colleagues?q=cj"]);
    expect(find("[role=listbox]").hidden).toBe(false);
    expect(box().placeholder).toBe("for colleagues");
    press(box(), "Enter");
    expect(box().value).toBe("@021 陈静 ");
  });

  it("asks again after a failed answer, and leaves a list that nobody waits for", async () => {
    asked.mockImplementationOnce(() => Promise.reject(new Error("gone")));
    turn("note");
    write("@c");
    await vi.runAllTimersAsync();
    expect(find("[role=listbox]").hidden).toBe(true);
    write("@c");
    turn("reply");
    await vi.runAllTimersAsync();
    expect(asked).toHaveBeenCalledTimes(2);
    expect(find("[role=listbox]").hidden).toBe(true);
  });

  it("is sent by the key as what is chosen, never as the other", () => {
    write("内部");
    turn("note");
    press(box(), "Enter", { ctrlKey: true });
    turn("reply");
    press(box(), "Enter", { ctrlKey: true });
    expect(sent.mock.calls).toEqual([["note"], ["reply"]]);
    expect(find<HTMLButtonElement>("[data-send=note]").disabled).toBe(true);
  });
});

describe("a reply and a note beside each other", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    sessionStorage.clear();
    page(`<kefu-composer><form hx-post="/inbox/1/do/reply" data-draft="reply-1"><input type="hidden" name="key" value="first">
<input type="radio" name="mode" id="composer-reply" value="reply" checked><label for="composer-reply">Reply<i data-begun="reply" hidden>begun</i></label>
<input type="radio" name="mode" id="composer-note" value="note"><label for="composer-note">Note<i data-begun="note" hidden></i></label>
<textarea name="text"></textarea><textarea name="aside" data-aside hidden disabled></textarea>
<details data-only="reply" data-copies><div data-copies-all></div><input name="cc" value=""></details><label data-only="reply"><input type="file" name="files"></label>
<button type="submit" data-only="reply" data-send="reply"></button><button type="submit" data-only="note" data-send="note" hx-post="/inbox/1/do/note"></button></form></kefu-composer>`);
  });
  afterEach(() => vi.useRealTimers());

  const turn = (mode: string): void => find(`#composer-${mode}`).click();
  const given = (elt: Element): boolean => document.body.dispatchEvent(new CustomEvent("kefu-given", { bubbles: true, detail: { elt } }));
  const cc = (): HTMLInputElement => find<HTMLInputElement>("[name=cc]");
  const parts = (): string[] => [...new FormData(find<HTMLFormElement>("form")).keys()];

  it("keeps the words, copies and key of a reply while a note is written and saved", () => {
    expect(box().getAttribute("aria-label")).toBe("Reply");
    write("您好，费用会");
    cc().value = "li@example.com";
    turn("note");
    expect([box().value, parts().includes("cc"), parts().includes("files"), parts().includes("aside")]).toEqual(["", false, false, false]);
    expect(find("[data-begun=reply]").hidden).toBe(false);
    write("他来过两次");
    given(find("[data-send=note]"));
    expect([box().value, find("kefu-composer").getAttribute("mode")]).toEqual(["", "note"]);
    turn("reply");
    expect([box().value, cc().value, find<HTMLInputElement>("[name=key]").value]).toEqual(["您好，费用会", "li@example.com", "first"]);
    expect(find("[data-begun=reply]").hidden).toBe(true);
  });

  it("keeps a note that is begun while the reply is sent, and starts the next reply empty", () => {
    turn("note");
    write("请主管看");
    turn("reply");
    write("好的");
    cc().value = "li@example.com";
    given(find("form"));
    expect([box().value, cc().value, find<HTMLInputElement>("[name=key]").value === "first"]).toEqual(["", "", false]);
    expect(find("[data-begun=note]").hidden).toBe(false);
    turn("note");
    expect(box().value).toBe("请主管看");
  });

  it("keeps what is typed while the answer is on its way, and the box while a drawer sends", () => {
    write("好的");
    find("form").dispatchEvent(new Event("htmx:beforeRequest", { bubbles: true }));
    write("好的 还有一件事");
    given(find("form"));
    expect(box().value).toBe("还有一件事");
    document.body.insertAdjacentHTML("beforeend", `<div id="drawer"><form hx-post="/inbox/1/do/note"></form></div>`);
    given(find("#drawer form"));
    expect(box().value).toBe("还有一件事");
  });

  it("keeps what is left for a page that is loaded again", async () => {
    write("您好");
    turn("note");
    write("内部");
    given(find("[data-send=note]"));
    sessionStorage.clear();
    const heard = vi.fn();
    find("form").addEventListener("input", heard);
    await vi.runAllTimersAsync();
    expect(heard).toHaveBeenCalled();
    expect(find<HTMLTextAreaElement>("[data-aside]").value).toBe("您好");
  });
});
