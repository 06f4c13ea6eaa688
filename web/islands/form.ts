// <kefu-form><form ...></form></kefu-form>: the first error in view, no second sending, Enter left to the input method, drafts, photos, dependent fields.
import { define, isComposing } from "./dom";
import { forget, keepDraft } from "./drafts";
import { settleGates } from "./gates";
import { showPhotos } from "./photos";

const INVALID = "[aria-invalid=true], .is-invalid";

/** Bring the first field with an error into view and put the cursor there. */
export function showFirstError(root: ParentNode): boolean {
  const field = root.querySelector<HTMLElement>(INVALID);
  if (!field) return false;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
  return true;
}

export class KefuForm extends HTMLElement {
  private form: HTMLFormElement | null = null;
  private busy = false;

  connectedCallback(): void {
    this.form = this.querySelector("form") ?? this.closest("form");
    const form = this.form;
    if (!form) return;
    form.addEventListener("keydown", this.onKey);
    form.addEventListener("submit", this.onSubmit, true);
    form.addEventListener("input", this.onChange);
    form.addEventListener("change", this.onChange);
    form.addEventListener("htmx:beforeRequest", this.onRequest);
    form.addEventListener("htmx:afterRequest", this.onAnswer);
    addEventListener("pageshow", this.onPageShow);
    if (form.dataset["draft"] !== undefined) keepDraft(form);
    settleGates(form);
    showFirstError(form);
  }

  disconnectedCallback(): void {
    removeEventListener("pageshow", this.onPageShow);
    const form = this.form;
    form?.removeEventListener("keydown", this.onKey);
    form?.removeEventListener("submit", this.onSubmit, true);
    form?.removeEventListener("input", this.onChange);
    form?.removeEventListener("change", this.onChange);
    form?.removeEventListener("htmx:beforeRequest", this.onRequest);
    form?.removeEventListener("htmx:afterRequest", this.onAnswer);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && isComposing(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form?.requestSubmit();
    }
  };

  private readonly onSubmit = (event: Event): void => {
    if (this.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // What others (a question, htmx) decide about this event is known only after they ran.
    setTimeout(() => {
      if (!event.defaultPrevented) {
        this.setBusy(true);
        if (this.form) forget(this.form);
      }
    });
  };

  private readonly onChange = (event: Event): void => {
    if (this.form) settleGates(this.form);
    const target = event.target;
    if (event.type === "change" && target instanceof HTMLInputElement && target.type === "file") showPhotos(target);
    if (event.type === "input" && target instanceof HTMLElement && target.matches(INVALID)) {
      target.removeAttribute("aria-invalid");
      target.classList.remove("is-invalid");
    }
  };

  private readonly onRequest = (event: Event): void => {
    if (event.target === this.form) this.setBusy(true);
  };

  private readonly onAnswer = (event: Event): void => {
    if (event.target !== this.form) return;
    this.setBusy(false);
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    const sent = typeof detail === "object" && detail !== null && "successful" in detail && detail.successful === true;
    if (sent && this.form) forget(this.form);
  };

  private readonly onPageShow = (): void => this.setBusy(false);

  private setBusy(busy: boolean): void {
    this.busy = busy;
    for (const button of this.form?.querySelectorAll("[type=submit]") ?? []) {
      if (busy) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }
}

define("kefu-form", KefuForm);
