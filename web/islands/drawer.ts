// <kefu-drawer id="drawer">: opens when it is filled (by htmx), closes when it is emptied; starts below the header, so the phone bar stays in reach.
import { ask } from "./ask";
import { define, focusable, isComposing, make } from "./dom";
import { text } from "./texts";

function isDirty(root: ParentNode): boolean {
  return [...root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea")].some((field) =>
    field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue,
  );
}

export class KefuDrawer extends HTMLElement {
  private opener: HTMLElement | null = null;
  private readonly watcher = new MutationObserver(() => this.follow());
  private readonly backdrop = make("div", { class: "drawer-backdrop", "aria-hidden": "true", click: () => void this.leave() });

  connectedCallback(): void {
    this.setAttribute("role", "dialog");
    this.watcher.observe(this, { childList: true });
    this.addEventListener("click", this.onClick);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("drawer-close", this.close);
    this.follow();
  }

  disconnectedCallback(): void {
    this.watcher.disconnect();
    this.backdrop.remove();
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("drawer-close", this.close);
  }

  get isOpen(): boolean {
    return this.hasAttribute("open");
  }

  /** Close at once, whatever was typed. */
  readonly close = (): void => {
    this.replaceChildren();
    this.shut();
  };

  /** Close, but ask first when something was typed and not sent. */
  async leave(): Promise<void> {
    if (isDirty(this) && !(await ask(text("discard_changes")))) return;
    this.close();
  }

  private follow(): void {
    if (this.childElementCount === 0) this.shut();
    else this.show();
  }

  private show(): void {
    const title = this.querySelector<HTMLElement>(".drawer-title");
    if (title) {
      title.id ||= "drawer-title";
      this.setAttribute("aria-labelledby", title.id);
    }
    if (!this.isOpen) {
      this.opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      this.setAttribute("open", "");
      this.hidden = false;
      this.before(this.backdrop);
      this.dispatchEvent(new CustomEvent("kefu-drawer-open", { bubbles: true }));
    }
    if (this.contains(document.activeElement)) return;
    const target = this.querySelector<HTMLElement>("[autofocus]") ?? title ?? focusable(this)[0];
    if (target === title) title?.setAttribute("tabindex", "-1");
    target?.focus({ preventScroll: true });
  }

  private shut(): void {
    if (!this.isOpen) return;
    this.removeAttribute("open");
    this.hidden = true;
    this.backdrop.remove();
    const again = this.opener?.isConnected ? this.opener : this.opener?.id ? document.getElementById(this.opener.id) : null;
    again?.focus({ preventScroll: true });
    this.opener = null;
    this.dispatchEvent(new CustomEvent("kefu-drawer-closed", { bubbles: true }));
  }

  private readonly onClick = (event: Event): void => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-drawer-close]")) return;
    event.preventDefault();
    this.close();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (!this.isOpen || isComposing(event) || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      void this.leave();
    } else if (event.key === "Tab") this.keepInside(event);
  };

  /** Tab walks in the drawer and in what must stay in reach ([data-drawer-reach], the phone bar), in a ring. */
  private keepInside(event: KeyboardEvent): void {
    const reach = [...document.querySelectorAll("[data-drawer-reach]")].flatMap((part) => focusable(part));
    const ring = [...focusable(this), ...reach];
    if (ring.length === 0) return;
    const active = document.activeElement;
    const at = active instanceof HTMLElement ? ring.indexOf(active) : -1;
    const inside = active !== null && this.contains(active);
    if (at === -1 && inside) return; // the title: the browser's own order goes on from it
    const next = event.shiftKey ? (at <= 0 ? ring.length - 1 : at - 1) : (at + 1) % ring.length;
    const target = ring[next];
    if (!target) return;
    const natural = at !== -1 && Math.abs(next - at) === 1 && target.parentElement !== null && this.contains(target) === inside;
    if (natural) return;
    event.preventDefault();
    target.focus();
  }
}

define("kefu-drawer", KefuDrawer);
