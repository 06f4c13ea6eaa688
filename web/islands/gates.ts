// Fields that depend on others: data-show-when="paid=yes" shows a part, data-gate="price_told" opens a button, by the values of the same form.

/** All values of one name in a form; an unticked box has none. */
function valuesOf(form: HTMLFormElement, name: string): string[] {
  return new FormData(form)
    .getAll(name)
    .map((value) => (typeof value === "string" ? value : value.name))
    .filter((value) => value !== "");
}

/** Whether "a", "a=1|2", "a!=1" joined by "&" holds for `values`. */
export function holds(condition: string, values: (name: string) => string[]): boolean {
  return condition.split("&").every((part) => {
    const found = /^\s*([^=!\s]+)\s*(?:(!?=)\s*(.*?))?\s*$/.exec(part);
    if (!found) return false;
    const [, name = "", operator, wanted = ""] = found;
    const there = values(name);
    if (!operator) return there.length > 0;
    const hit = there.some((value) => wanted.split("|").includes(value));
    return operator === "=" ? hit : !hit;
  });
}

function setShown(part: HTMLElement, shown: boolean): void {
  part.hidden = !shown;
  for (const field of part.querySelectorAll<HTMLInputElement>("input, select, textarea, button")) {
    if (!shown && !field.disabled) {
      field.disabled = true;
      field.dataset["gated"] = "";
    } else if (shown && field.dataset["gated"] !== undefined && !field.closest("[data-show-when][hidden]")) {
      field.disabled = false;
      delete field.dataset["gated"];
    }
  }
}

function setOpen(gate: HTMLElement, open: boolean): void {
  gate.toggleAttribute("disabled", !open);
  const reason = gate.dataset["gateReason"] ? document.getElementById(gate.dataset["gateReason"]) : null;
  if (!reason) return;
  reason.hidden = open;
  if (open) gate.removeAttribute("aria-describedby");
  else gate.setAttribute("aria-describedby", reason.id);
}

/** Bring shown parts and open buttons in line with what is filled in. */
export function settleGates(form: HTMLFormElement): void {
  const values = (name: string): string[] => valuesOf(form, name);
  for (const part of form.querySelectorAll<HTMLElement>("[data-show-when]")) setShown(part, holds(part.dataset["showWhen"] ?? "", values));
  for (const gate of form.querySelectorAll<HTMLElement>("[data-gate]")) setOpen(gate, holds(gate.dataset["gate"] ?? "", values));
}
