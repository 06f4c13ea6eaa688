// What is typed into <form data-draft="name"> outlives a reload and a closed session: kept in sessionStorage until it is sent.
import { make, recall, remember } from "./dom";
import { text } from "./texts";

const WAIT_MS = 400;
const KEPT = "input:not([type=hidden], [type=password], [type=file], [type=submit], [type=button]), textarea, select";
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Draft = Record<string, string[]>;

function keyOf(form: HTMLFormElement): string {
  return `draft:${form.dataset["draft"] || form.getAttribute("action") || location.pathname}`;
}

function fields(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>(KEPT)].filter((field) => field.name !== "" && field.closest("[data-no-draft]") === null);
}

function isTick(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}

/** What a form holds, by name. */
export function collect(form: HTMLFormElement): Draft {
  const draft: Draft = {};
  for (const field of fields(form)) {
    const values = (draft[field.name] ??= []);
    if (field instanceof HTMLSelectElement) values.push(...[...field.selectedOptions].map((option) => option.value));
    else if (!isTick(field)) values.push(field.value);
    else if (field.checked) values.push(field.value);
  }
  return draft;
}

function put(field: Field, values: string[], position: number): void {
  if (isTick(field)) field.checked = values.includes(field.value);
  else if (field instanceof HTMLSelectElement) for (const option of field.options) option.selected = values.includes(option.value);
  else field.value = values[position] ?? "";
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function isDraft(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && Object.values(value).every((one) => Array.isArray(one));
}

/** Fill a form from what is kept; true when that changed something. */
export function restore(form: HTMLFormElement): boolean {
  const kept = recall("session", keyOf(form));
  if (!isDraft(kept) || JSON.stringify(kept) === JSON.stringify(collect(form))) return false;
  const places = new Map<string, number>();
  for (const field of fields(form)) {
    const values = kept[field.name];
    if (!values) continue;
    const position = places.get(field.name) ?? 0;
    places.set(field.name, position + 1);
    put(field, values, position);
  }
  return true;
}

/** The form was sent: nothing is kept any more. */
export function forget(form: HTMLFormElement): void {
  clearTimeout(timers.get(form));
  remember("session", keyOf(form), null);
}

const timers = new WeakMap<HTMLFormElement, ReturnType<typeof setTimeout>>();

/** Keep what is typed, and bring back what was kept. A form that came back with errors shows what was sent, not the draft. */
export function keepDraft(form: HTMLFormElement): void {
  form.addEventListener("input", () => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => remember("session", keyOf(form), collect(form)), WAIT_MS));
  });
  if (form.querySelector("[aria-invalid=true]") || !restore(form)) return;
  const note = make("p", { class: "draft-note text-secondary", role: "status" }, text("draft_restored"), " ");
  const discard = make("button", { type: "button", class: "btn btn-sm", click: () => {
    forget(form);
    form.reset();
    note.remove();
    form.dispatchEvent(new Event("change"));
  } }, text("discard"));
  note.append(discard);
  form.prepend(note);
}
