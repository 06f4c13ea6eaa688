// <kefu-toast id="messages">: notices that arrive (by htmx, or the event kefu-toast on document) leave by themselves; errors stay until closed.
import { define, make } from "./dom";
import { text } from "./texts";

const STAY_MS = 6000;
const CLOSER = "[data-toast-close], .btn-close";
const TONES = ["info", "success", "warning", "danger"] as const;
export type Tone = (typeof TONES)[number];

/** Show a notice on the page. */
export function toast(words: string, tone: Tone = "info"): void {
  document.dispatchEvent(new CustomEvent("kefu-toast", { detail: { text: words, tone } }));
}

function staysUntilClosed(notice: Element): boolean {
  return notice.getAttribute("role") === "alert" || notice.classList.contains("alert-danger");
}

export class KefuToast extends HTMLElement {
  private readonly watcher = new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) if (node instanceof HTMLElement) this.adopt(node);
  });

  connectedCallback(): void {
    this.setAttribute("aria-live", "polite");
    for (const child of this.children) if (child instanceof HTMLElement) this.adopt(child);
    this.watcher.observe(this, { childList: true });
    document.addEventListener("kefu-toast", this.onToast);
    document.addEventListener("kefu-drawer-open", this.onDrawer);
  }

  disconnectedCallback(): void {
    this.watcher.disconnect();
    document.removeEventListener("kefu-toast", this.onToast);
    document.removeEventListener("kefu-drawer-open", this.onDrawer);
  }

  /** A form that opens is not to be covered by the good news of the last one; what went wrong stays. */
  private readonly onDrawer = (): void => {
    for (const notice of this.querySelectorAll(":scope > *")) if (!staysUntilClosed(notice)) notice.remove();
  };

  private readonly onToast = (event: Event): void => {
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    if (typeof detail !== "object" || detail === null || !("text" in detail) || typeof detail.text !== "string") return;
    const asked: unknown = "tone" in detail ? detail.tone : "info";
    const tone = TONES.find((one) => one === asked) ?? "info";
    this.append(make("div", { class: `alert alert-${tone}`, role: tone === "danger" ? "alert" : "status" }, make("div", {}, detail.text)));
  };

  private adopt(notice: HTMLElement): void {
    if (!notice.querySelector(CLOSER)) {
      notice.append(make("button", { type: "button", class: "btn-close ms-auto", "data-toast-close": true, "aria-label": text("close") }));
    }
    notice.querySelector(CLOSER)?.addEventListener("click", () => notice.remove());
    if (staysUntilClosed(notice)) return;
    let timer = setTimeout(() => notice.remove(), STAY_MS);
    notice.addEventListener("pointerenter", () => clearTimeout(timer));
    notice.addEventListener("pointerleave", () => {
      timer = setTimeout(() => notice.remove(), STAY_MS);
    });
  }
}

define("kefu-toast", KefuToast);
