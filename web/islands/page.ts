// What every page does by itself: rows that lead on, menus that close, filters without empty words in the address, answers of the server.
import { csrfToken, isComposing, make } from "./dom";
import { text } from "./texts";
import { toast } from "./toast";

const OWN_CLICK = "a, button, input, select, textarea, label, summary, details, [contenteditable]";

/** A click anywhere on <tr data-href> follows its link; with Ctrl or the middle button in a new tab. */
function onRowClick(event: MouseEvent): void {
  if (event.defaultPrevented || !(event.target instanceof Element) || event.target.closest(OWN_CLICK) || event.button > 1) return;
  const row = event.target.closest<HTMLElement>("tr[data-href]");
  if (!row || getSelection()?.isCollapsed === false) return;
  const address = row.dataset["href"] ?? "";
  if (event.ctrlKey || event.metaKey || event.button === 1) window.open(address, "_blank", "noopener");
  else {
    const link = row.querySelector<HTMLAnchorElement>("a.row-link, a[href]");
    if (link) link.click();
    else location.assign(address);
  }
}

/**
 * A press closes the menus it does not come from, and the menu from which it chooses; what is pressed may be drawn anew meanwhile, so its way
 * is asked and not the tree.
 */
function closePops(event: Event): void {
  const way = event.composedPath();
  const chosen = way.some((on) => on instanceof Element && on.matches("a.dropdown-item, button.dropdown-item"));
  for (const pop of document.querySelectorAll<HTMLDetailsElement>("details.pop[open]")) {
    const inside = way.includes(pop);
    if (inside && !chosen) continue;
    pop.open = false;
    if (inside) pop.querySelector("summary")?.focus();
  }
}

/** The quick finds under the search box close when the person turns to something else. */
function closeFinds(event: Event): void {
  if (event.target instanceof Element && event.target.closest(".kefu-search")) return;
  document.getElementById("quick-finds")?.replaceChildren();
}

/** Enter belongs to the input method while it composes: it ends a word and sends no form, whichever form it is. */
function onComposedEnter(event: KeyboardEvent): void {
  if (event.key === "Enter" && isComposing(event) && event.target instanceof HTMLInputElement) event.preventDefault();
}

function onEscape(event: KeyboardEvent): void {
  if (event.key !== "Escape" || isComposing(event)) return;
  const finds = document.getElementById("quick-finds");
  if (finds?.hasChildNodes()) {
    event.preventDefault();
    finds.replaceChildren();
    return;
  }
  const open = [...document.querySelectorAll<HTMLDetailsElement>("details.pop[open]")].at(-1);
  if (!open) return;
  event.preventDefault();
  open.open = false;
  open.querySelector("summary")?.focus();
}

/** Filters stand in the address, empty ones do not. What leads back here (data-back) leads to the address of now: a list changes it by itself. */
function onFormData(event: FormDataEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.dataset["back"]) event.formData.set(form.dataset["back"], location.pathname + location.search);
  if (form.method !== "get") return;
  for (const name of new Set(event.formData.keys())) {
    const values = event.formData.getAll(name).filter((value) => value !== "");
    event.formData.delete(name);
    for (const value of values) event.formData.append(name, value);
  }
}

interface Answer {
  xhr?: XMLHttpRequest;
  boosted?: boolean;
  shouldSwap?: boolean;
  isError?: boolean;
}

function detailOf(event: Event): Record<string, unknown> {
  const detail: unknown = (event as CustomEvent<unknown>).detail;
  return typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>) : {};
}

/** A refusal that says where it belongs, a form that came back with errors (422) and whole pages are drawn like any answer; a fault never fills a fragment. */
function onBeforeSwap(event: Event): void {
  const detail: Answer = detailOf(event);
  const answer = detail.xhr;
  if (!answer || answer.status < 400) return;
  if (answer.status === 422 || answer.getResponseHeader("HX-Retarget") || detail.boosted) {
    detail.shouldSwap = true;
    detail.isError = false;
    return;
  }
  detail.shouldSwap = false;
  onLost(event);
}

function onConfigRequest(event: Event): void {
  const { headers, verb } = detailOf(event);
  if (typeof headers === "object" && headers !== null && verb !== "get") (headers as Record<string, string>)["X-CSRFToken"] = csrfToken();
}

/** What asks by itself every few seconds shows neither progress nor faults. */
function isQuiet(event: Event): boolean {
  return event.target instanceof Element && event.target.closest("[data-quiet]") !== null;
}

function onLost(event: Event): void {
  if (!isQuiet(event)) toast(text("request_failed"), "danger");
}

/**
 * A bar at the top while a page or fragment is on its way. The request itself says when it is over: an element that a new page has put away
 * meanwhile says nothing any more.
 */
function startProgress(): void {
  let under = 0;
  const bar = make("div", { class: "page-progress", hidden: true, "aria-hidden": "true" });
  document.addEventListener("htmx:beforeSend", (event) => {
    const { xhr } = detailOf(event);
    if (isQuiet(event) || !(xhr instanceof EventTarget)) return;
    under += 1;
    if (!bar.isConnected) document.body.append(bar);
    bar.hidden = false;
    xhr.addEventListener("loadend", () => {
      under -= 1;
      bar.hidden = under === 0;
    });
  });
}

let started = false;

/** Listen on the whole page, once. */
export function startPage(): void {
  if (started) return;
  started = true;
  document.addEventListener("click", onRowClick);
  document.addEventListener("auxclick", onRowClick);
  document.addEventListener("click", closePops);
  document.addEventListener("keydown", onEscape);
  document.addEventListener("keydown", onComposedEnter);
  document.addEventListener("click", closeFinds);
  document.addEventListener("focusin", closeFinds);
  document.addEventListener("formdata", onFormData);
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("htmx:configRequest", onConfigRequest);
  document.addEventListener("htmx:sendError", onLost);
  document.addEventListener("htmx:timeout", onLost);
  startProgress();
}
