// What somebody is pressing, or whose question is on its way, is not drawn anew under the hand: a press whose element goes away between down
// and up leads nowhere, and a link that is put away while its page is fetched leaves the old address above the new page.
const ASKING = "a.htmx-request, form.htmx-request, button.htmx-request, input.htmx-request";
const CLICK_MS = 20;

let pressed: Node | null = null;
const held = new Map<Element, (element: Element) => void>();

/** Whether somebody has hold of something in the element. */
export function isHeld(element: Element): boolean {
  return (pressed !== null && element.contains(pressed)) || element.querySelector(ASKING) !== null;
}

/** Whether the element has to stay as it is; then `then` is told of it as soon as it is let go. */
export function holds(element: Element, then: (element: Element) => void): boolean {
  if (!isHeld(element)) return false;
  held.set(element, then);
  return true;
}

/** The click comes after the release, and with it perhaps a question of its own. */
function letGo(): void {
  setTimeout(() => {
    for (const [element, then] of held) {
      if (isHeld(element)) continue;
      held.delete(element);
      if (element.isConnected) then(element);
    }
  }, CLICK_MS);
}

function release(): void {
  pressed = null;
  letGo();
}

addEventListener("pointerdown", (event) => (pressed = event.target instanceof Node ? event.target : null), true);
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, release, true);
addEventListener("blur", release);
document.addEventListener("htmx:afterRequest", letGo);
