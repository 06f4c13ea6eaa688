import { vi } from "vitest";
import { forgetTexts } from "../islands/texts";

/** An empty page that holds `html`. */
export function page(html: string): void {
  forgetTexts();
  const made = document.createElement("div");
  made.innerHTML = html;
  document.body.replaceChildren(...made.childNodes);
}

/** The first element that fits; fails the test when there is none. */
export function find<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`nothing fits ${selector}`);
  return found;
}

/** Type into a field as a person does. */
export function type(field: HTMLInputElement | HTMLTextAreaElement, words: string): void {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Choose in a select as a person does. */
export function choose(select: HTMLSelectElement, value: string): void {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

export function press(target: EventTarget, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

/** Let promises and mutation observers run. */
export async function settle(): Promise<void> {
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(1);
  else for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setTimeout(done));
}
