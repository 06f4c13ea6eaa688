import { expect, it, vi } from "vitest";
import { find, page } from "./helpers";

const UNITS = Array.from({ length: 9 }, (_one, at) => `<option value="${at}">班组${at}</option>`).join("");

vi.hoisted(() => {
  // htmx asks for no type of result, as browsers allow.
  const evaluate = XPathExpression.prototype.evaluate;
  XPathExpression.prototype.evaluate = function (node, type = XPathResult.ANY_TYPE, result = null) {
    return evaluate.call(this, node, type, result);
  };
});

it("leaves a select hidden that an island draws when the form comes back with its faults", async () => {
  const { default: htmx } = await import("htmx.org");
  await import("../islands/app");
  const form = (mark: string): string => `<kefu-select><select id="c-unit" class="form-select${mark}" name="unit" required>${UNITS}</select></kefu-select>`;
  page(`<main>${form("")}</main>`);
  await new Promise<void>((done) => {
    htmx.swap(find("main"), form(" is-invalid"), { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 }, { afterSettleCallback: () => done() });
  });
  expect(document.querySelectorAll("[role=combobox]")).toHaveLength(1);
  expect([...find("select").classList]).toEqual(["form-select", "is-invalid", "visually-hidden"]);
});
