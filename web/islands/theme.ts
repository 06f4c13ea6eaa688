// <kefu-theme value="auto|light|dark" action="/me/theme"><button>...</button></kefu-theme>: the next theme at each press, kept by the server.
import { csrfToken, define } from "./dom";
import { text } from "./texts";

const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const LABELS = { auto: "theme_auto", light: "theme_light", dark: "theme_dark" } as const;

/** Draw the page in a theme: "auto" leaves it to the device. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") document.documentElement.removeAttribute("data-bs-theme");
  else document.documentElement.dataset["bsTheme"] = theme;
  document.dispatchEvent(new CustomEvent("kefu-theme", { detail: theme }));
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  const chosen = document.documentElement.dataset["bsTheme"];
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export class KefuTheme extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", this.onClick);
    this.label();
  }

  get value(): Theme {
    return THEMES.find((theme) => theme === this.getAttribute("value")) ?? "auto";
  }

  private readonly onClick = (event: Event): void => {
    if (!(event.target instanceof Element) || !event.target.closest("button")) return;
    event.preventDefault();
    const next = THEMES[(THEMES.indexOf(this.value) + 1) % THEMES.length] ?? "auto";
    this.setAttribute("value", next);
    applyTheme(next);
    this.label();
    void this.keep(next);
  };

  private label(): void {
    const button = this.querySelector("button");
    button?.setAttribute("aria-label", text(LABELS[this.value]));
    if (button) button.title = text(LABELS[this.value]);
  }

  private async keep(theme: Theme): Promise<void> {
    const action = this.getAttribute("action") ?? "/me/theme";
    try {
      await fetch(action, { method: "POST", body: new URLSearchParams({ theme }), headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin" });
    } catch {
      // The choice holds for this page; it is sent again at the next press.
    }
  }
}

define("kefu-theme", KefuTheme);
