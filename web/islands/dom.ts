// Small helpers that all islands share.
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** Make an element: string attributes are set, true ones are set empty, functions listen. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Make a choice of a select. */
export function option(label: string, value: string, selected = false): HTMLOptionElement {
  const made = make("option", { value, selected }, label);
  made.selected = selected;
  return made;
}

/** What a choice is called. */
export function labelOf(choice: HTMLOptionElement): string {
  return choice.label || choice.text;
}

/** Register a custom element once. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** Whether an input method is composing: Enter and letters belong to it then (Safari says only 229). */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

const TYPING = "textarea, select, [contenteditable=''], [contenteditable='true'], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

/** Whether keys typed here belong to a field. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled], [type=hidden]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex]:not([tabindex='-1'])";

function isShown(element: HTMLElement): boolean {
  return element.closest("[hidden], .visually-hidden") === null;
}

/** What Tab can reach inside `root`, in order. */
export function focusable(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isShown);
}

/** The CSRF token of the page: from <meta name="csrf-token">, a form field or the cookie. */
export function csrfToken(): string {
  const meta = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
  if (meta) return meta;
  const field = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value;
  if (field) return field;
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** Read what was remembered under `key`; private windows may refuse. */
export function recall(store: "local" | "session", key: string): unknown {
  try {
    const found = (store === "local" ? localStorage : sessionStorage).getItem(key);
    return found === null ? null : JSON.parse(found);
  } catch {
    return null;
  }
}

/** Remember `value` under `key`, or forget it (null). */
export function remember(store: "local" | "session", key: string, value: unknown): void {
  try {
    const area = store === "local" ? localStorage : sessionStorage;
    if (value === null) area.removeItem(key);
    else area.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works without a memory.
  }
}

let counter = 0;

/** An id that no element of the page has. */
export function freshId(prefix: string): string {
  counter += 1;
  return `${prefix}-${counter}`;
}
