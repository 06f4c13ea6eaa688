// <kefu-theme value="auto" action="/me/theme"><button>...</button></kefu-theme>: the next theme at each press, kept by the server and a cookie.
import { csrfToken, define, make } from "./dom";
import { text } from "./texts";

const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const LABELS = { auto: "theme_auto", light: "theme_light", dark: "theme_dark" } as const;
const ICONS = { auto: "sun-moon", light: "sun", dark: "moon" } as const;
const YEAR = 31_536_000;

/** Draw the page in a theme: "auto" leaves it to the device. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") document.documentElement.removeAttribute("data-bs-theme");
  else document.documentElement.dataset["bsTheme"] = theme;
  document.documentElement.dataset["theme"] = theme;
  document.dispatchEvent(new CustomEvent("kefu-theme", { detail: theme }));
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  const chosen = document.documentElement.dataset["bsTheme"];
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** An icon of the sprite that the page already uses. */
function icon(name: string): Node {
  const sprite = document.querySelector("svg use[href*='icons.svg']")?.getAttribute("href")?.split("#")[0];
  if (!sprite) return document.createTextNode("◐");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

export class KefuTheme extends HTMLElement {
  connectedCallback(): void {
    if (!this.querySelector("button")) this.append(make("button", { type: "button", class: "btn btn-icon btn-ghost-secondary" }));
    this.addEventListener("click", this.onClick);
    this.label();
  }

  get value(): Theme {
    return THEMES.find((theme) => theme === this.getAttribute("value")) ?? "auto";
  }

  private readonly onClick = (event: Event): void => {
    if (!(event.target instanceof Element) || !event.target.closest("button")) return;
    const next = THEMES[(THEMES.indexOf(this.value) + 1) % THEMES.length] ?? "auto";
    this.setAttribute("value", next);
    applyTheme(next);
    this.label();
    document.cookie = `kefu-theme=${next}; path=/; max-age=${YEAR}; samesite=lax`;
    const address = this.getAttribute("action");
    if (address) void this.keep(address, next);
  };

  private label(): void {
    const button = this.querySelector("button");
    if (!button) return;
    const words = text(LABELS[this.value]);
    button.setAttribute("aria-label", words);
    button.title = words;
    button.replaceChildren(icon(ICONS[this.value]));
  }

  private async keep(address: string, theme: Theme): Promise<void> {
    try {
      await fetch(address, { method: "POST", body: new URLSearchParams({ theme }), headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin" });
    } catch {
      // The choice holds here; it is sent again at the next press.
    }
  }
}

define("kefu-theme", KefuTheme);
