import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULTS, fill, span, text } from "../islands/texts";
import { page } from "./helpers";

describe("texts", () => {
  it("fills named and bare places", () => {
    expect(fill("剩余 {t}", "3 小时")).toBe("剩余 3 小时");
    expect(fill("{} over", "2 h")).toBe("2 h over");
    expect(fill("{n} $&", "$1")).toBe("$1 $&");
  });

  it("says the words of the page, else the English ones", () => {
    page('<script type="application/json" id="kefu-texts">{"ok":"确定","days":"{n} 天","hours":7}</script>');
    expect(text("ok")).toBe("确定");
    expect(text("days", 3)).toBe("3 天");
    expect(text("hours", 2)).toBe("2 h");
  });

  it("survives broken words", () => {
    page('<script type="application/json" id="kefu-texts">{"ok":</script>');
    expect(text("ok")).toBe("OK");
  });

  it("writes a span in its two largest units", () => {
    page("");
    expect(span(59)).toBe("under a minute");
    expect(span(60)).toBe("1 min");
    expect(span(3 * 3600 + 5 * 60 + 9)).toBe("3 h 5 min");
    expect(span(-(2 * 86_400 + 30))).toBe("2 days");
    expect(span(86_400 + 3600 + 60)).toBe("1 day 1 h");
  });

  it("has the same keys and English words as the server", () => {
    const python = readFileSync("../kefu/kit/island_texts.py", "utf8");
    const keys = [...python.matchAll(/^ +"(\w+)": /gm)].map((found) => found[1]);
    expect(keys.toSorted()).toEqual(Object.keys(DEFAULTS).toSorted());
    for (const [, key, words] of python.matchAll(/^ +"(\w+)": _\("([^"]+)"\)/gm)) expect([key, words?.replace("%(n)d", "{n}")]).toEqual([key, Object.entries(DEFAULTS).find(([name]) => name === key)?.[1]]);
  });
});
