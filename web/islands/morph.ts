// hx-swap="morph" (or "morph:innerHTML"): the new fragment is laid over the old one, so that focus, scroll and open parts stay.
// hx-swap="morph:typed" does the same for a form that is drawn again while somebody types: what stands in an input is never overwritten.
import type htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

type Style = "outerHTML" | "innerHTML";

/** How a swap style of htmx morphs, or null if it does not. */
export function morphStyle(swap: string): Style | null {
  if (swap === "morph" || swap === "morph:outerHTML" || swap === "morph:typed") return "outerHTML";
  return swap === "morph:innerHTML" ? "innerHTML" : null;
}

function told(select: HTMLSelectElement): string {
  return [...select.options].map((option) => `${option.value}\n${option.label}`).join("\n");
}

/** A select that an island draws stays, with what was chosen; choices and faults are those of the new one. */
function renewSelect(before: HTMLElement, after: HTMLElement): boolean {
  const [old, fresh] = [before.querySelector("select"), after.querySelector("select")];
  if (!old || !fresh || old.name !== fresh.name) return true;
  if (!before.hasAttribute("src") && told(old) !== told(fresh)) {
    const chosen = new Set([...old.selectedOptions].map((option) => option.value));
    old.replaceChildren(...[...fresh.options].map((option) => option.cloneNode(true)));
    for (const option of old.options) option.selected = chosen.has(option.value);
  }
  old.classList.toggle("is-invalid", fresh.classList.contains("is-invalid"));
  for (const name of ["aria-invalid", "aria-describedby"]) {
    const value = fresh.getAttribute(name);
    if (value === null) old.removeAttribute(name);
    else old.setAttribute(name, value);
  }
  old.dispatchEvent(new Event("kefu-renewed"));
  return false;
}

/** Give the new input what stands in the old one; islands that hold an input of their own stay whole. */
export function keepTyped(before: Node, after: Node): boolean {
  if (!(before instanceof HTMLElement) || !(after instanceof HTMLElement)) return true;
  if (before.localName === "kefu-select") return renewSelect(before, after);
  if (before instanceof HTMLInputElement && after instanceof HTMLInputElement && before.name === after.name) {
    if (before.type === "hidden" || before.type === "file") return before.type === "hidden";
    if (before.type === "radio" || before.type === "checkbox") after.toggleAttribute("checked", before.checked);
    else after.setAttribute("value", before.value);
  } else if (before instanceof HTMLTextAreaElement && after instanceof HTMLTextAreaElement) {
    after.textContent = before.value;
  } else if (before instanceof HTMLSelectElement && after instanceof HTMLSelectElement) {
    for (const option of after.options) option.toggleAttribute("selected", option.value === before.value);
  }
  return true;
}

/** Teach htmx the swap style, on the whole page. */
export function startMorph(instance: typeof htmx): void {
  instance.defineExtension("morph", {
    isInlineSwap: (swap: string) => morphStyle(swap) === "outerHTML",
    handleSwap: (swap: string, target: Node, fragment: Node) => {
      const style = morphStyle(swap);
      if (!style || !(target instanceof Element)) return false;
      const nodes = fragment instanceof DocumentFragment ? [...fragment.children] : [fragment];
      const callbacks = swap === "morph:typed" ? { beforeNodeMorphed: keepTyped } : {};
      return Idiomorph.morph(target, nodes, { morphStyle: style, callbacks }) as Node[];
    },
  });
  document.body.setAttribute("hx-ext", [document.body.getAttribute("hx-ext"), "morph"].filter(Boolean).join(","));
}
