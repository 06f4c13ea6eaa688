import { Idiomorph } from "idiomorph";
import { beforeEach, describe, expect, it } from "vitest";
import { keepTyped, morphStyle } from "../islands/morph";

const FORM = '<div id="record"><input name="price"><textarea name="content"></textarea><label><input type="radio" name="told" value="true"></label></div>';
const ANSWER =
  '<div id="record"><input name="price" class="is-invalid" value="1"><textarea name="content">old</textarea><label><input type="radio" name="told" value="true"></label><input name="told_at"></div>';

function morph(): void {
  const target = document.querySelector("#record");
  if (target) Idiomorph.morph(target, ANSWER, { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: keepTyped } });
}

function input(name: string): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>(`[name=${name}]`);
}

describe("morph:typed", () => {
  beforeEach(() => {
    document.body.innerHTML = FORM;
  });

  it("is a style of its own", () => {
    expect(morphStyle("morph:typed")).toBe("outerHTML");
  });

  it("never overwrites what is being typed, but shows new fields and marks", () => {
    const price = input("price");
    const content = document.querySelector("textarea");
    if (!price || !content) throw new Error("the form is not there");
    price.value = "80";
    price.focus();
    content.value = "厨房漏水";
    morph();
    expect(input("price")?.value).toBe("80");
    expect(input("price")?.classList.contains("is-invalid")).toBe(true);
    expect(document.querySelector("textarea")?.value).toBe("厨房漏水");
    expect(input("told_at")).not.toBeNull();
    expect(document.activeElement).toBe(input("price"));
  });

  it("keeps a choice that was ticked meanwhile", () => {
    const told = input("told");
    if (!told) throw new Error("the form is not there");
    told.checked = true;
    morph();
    expect(input("told")?.checked).toBe(true);
  });

  it("keeps a select that an island draws, with its choice, but takes over new choices and faults", () => {
    const select = (more: string, choices: string): string => `<kefu-select><select name="type"${more}>${choices}</select><input role="combobox"></kefu-select>`;
    document.body.innerHTML = `<div id="record">${select("", "<option value=a>a</option><option value=b selected>b</option>")}</div>`;
    const island = document.querySelector("kefu-select");
    const answer = `<div id="record">${select(' class="is-invalid" aria-invalid="true"', "<option value=b>B</option><option value=c>c</option>")}</div>`;
    const target = document.querySelector("#record");
    if (target) Idiomorph.morph(target, answer, { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: keepTyped } });
    const held = document.querySelector("select");
    expect(document.querySelector("kefu-select")).toBe(island);
    expect([held?.value, held?.options[0]?.label, held?.options.length, held?.getAttribute("aria-invalid")]).toEqual(["b", "B", 2, "true"]);
  });
});
