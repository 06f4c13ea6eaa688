// The public pages work without this; it adds: the first error in view, no second sending, Enter left to the input method, small pictures.
import { isComposing } from "./dom";
import { showPhotos } from "./photos";

function firstError(): void {
  const field = document.querySelector<HTMLElement>("[aria-invalid=true]");
  field?.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}

function buttons(form: HTMLFormElement): NodeListOf<HTMLElement> {
  return form.querySelectorAll<HTMLElement>("[type=submit]");
}

/** Make the forms of the page kind; returns nothing and needs nothing. */
export function startPortal(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "file") showPhotos(event.target);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (form.dataset["sent"] !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "";
    for (const button of buttons(form)) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset["sent"];
      for (const button of buttons(form)) button.removeAttribute("aria-busy");
    }
  });
  firstError();
}

startPortal();
