// hx-swap="morph" (or "morph:innerHTML"): the new fragment is laid over the old one, so that focus, scroll and open parts stay.
import type htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

type Style = "outerHTML" | "innerHTML";

/** How a swap style of htmx morphs, or null if it does not. */
export function morphStyle(swap: string): Style | null {
  if (swap === "morph" || swap === "morph:outerHTML") return "outerHTML";
  return swap === "morph:innerHTML" ? "innerHTML" : null;
}

/** Teach htmx the swap style, on the whole page. */
export function startMorph(instance: typeof htmx): void {
  instance.defineExtension("morph", {
    isInlineSwap: (swap: string) => morphStyle(swap) === "outerHTML",
    handleSwap: (swap: string, target: Node, fragment: Node) => {
      const style = morphStyle(swap);
      if (!style || !(target instanceof Element)) return false;
      const nodes = fragment instanceof DocumentFragment ? [...fragment.children] : [fragment];
      return Idiomorph.morph(target, nodes, { morphStyle: style }) as Node[];
    },
  });
  document.body.setAttribute("hx-ext", [document.body.getAttribute("hx-ext"), "morph"].filter(Boolean).join(","));
}
