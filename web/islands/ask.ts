// Questions before an important step: data-confirm="..." on a button, link or form, with or without htmx.
import { make } from "./dom";
import { text } from "./texts";

/** Ask a question in a dialog; true when the person agrees. */
export function ask(question: string, agree = text("ok"), danger = false): Promise<boolean> {
  return new Promise((settle) => {
    const yes = make("button", { type: "button", class: danger ? "btn btn-danger" : "btn btn-primary", click: () => dialog.close("yes") }, agree);
    const no = make("button", { type: "button", class: "btn", click: () => dialog.close("") }, text("cancel"));
    const body = make("p", { id: "ask-question", class: "mb-0 prewrap" }, question);
    const dialog = make("dialog", { class: "ask", "aria-labelledby": "ask-question" }, body, make("div", { class: "ask-buttons" }, no, yes));
    dialog.addEventListener("close", () => {
      dialog.remove();
      settle(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    (danger ? no : yes).focus();
  });
}

interface HtmxConfirm {
  elt: Element;
  triggeringEvent?: Event;
  issueRequest: (skip: boolean) => void;
}

function questionOf(element: Element | null | undefined): string | undefined {
  return element instanceof HTMLElement ? element.dataset["confirm"] : undefined;
}

function askFor(element: HTMLElement, question: string): Promise<boolean> {
  return ask(question, element.dataset["confirmLabel"] ?? text("ok"), /\bbtn-(outline-)?danger\b|text-danger/.test(element.className));
}

function onHtmxConfirm(event: Event): void {
  const detail = (event as CustomEvent<HtmxConfirm>).detail;
  const submitter = detail.triggeringEvent instanceof SubmitEvent ? detail.triggeringEvent.submitter : null;
  const asker = [submitter, detail.elt].find((element) => questionOf(element) !== undefined);
  if (!(asker instanceof HTMLElement)) return;
  event.preventDefault();
  void askFor(asker, questionOf(asker) ?? "").then((yes) => yes && detail.issueRequest(true));
}

const HTMX = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";

/** Whether htmx will send this itself, so that its own question comes. */
function sentByHtmx(element: Element): boolean {
  const boost = element.closest("[hx-boost]")?.getAttribute("hx-boost");
  return element.matches(HTMX) || boost === "true";
}

const agreed = new WeakSet<Element>();

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || sentByHtmx(form)) return;
  const asker = [event.submitter, form].find((element) => questionOf(element) !== undefined);
  if (!(asker instanceof HTMLElement) || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void askFor(asker, questionOf(asker) ?? "").then((yes) => {
    if (!yes) return;
    agreed.add(form);
    form.requestSubmit(event.submitter);
  });
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-confirm]") : null;
  if (!link || sentByHtmx(link) || agreed.delete(link)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void askFor(link, questionOf(link) ?? "").then((yes) => {
    if (!yes) return;
    agreed.add(link);
    link.click();
  });
}

let started = false;

/** Listen on the whole page. */
export function startAsking(): void {
  if (started) return;
  started = true;
  document.addEventListener("htmx:confirm", onHtmxConfirm);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", onClick, true);
}
