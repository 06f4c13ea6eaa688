// <kefu-turns>: stands behind the last turn of a talk. Who reads the end of it is kept there when a turn comes; who reads above is left alone.
import { define } from "./dom";

/** Where the reader stands in the talk of this page: drawn anew, it is shown from there. */
let left = { path: "", atEnd: true };

export class KefuTurns extends HTMLElement {
  private atEnd = true;
  private readonly seen = new IntersectionObserver((entries) => this.stand(entries.at(-1)?.isIntersecting ?? true));
  private readonly grown = new MutationObserver(() => this.atEnd && this.follow());

  connectedCallback(): void {
    this.stand(left.path !== location.pathname || left.atEnd);
    if (this.atEnd) requestAnimationFrame(() => this.isConnected && this.follow());
    this.seen.observe(this);
    this.addEventListener("htmx:beforeSwap", this.onAnswer);
    if (this.parentElement) this.grown.observe(this.parentElement, { childList: true });
  }

  disconnectedCallback(): void {
    this.seen.disconnect();
    this.grown.disconnect();
  }

  /** An answer that comes when the reader has gone on to another page finds nothing to change there. */
  private readonly onAnswer = (event: Event): void => {
    if (!this.isConnected) event.preventDefault();
  };

  private stand(atEnd: boolean): void {
    this.atEnd = atEnd;
    left = { path: location.pathname, atEnd };
  }

  /** A short turn is shown whole, a long one from its beginning. */
  private follow(): void {
    const last = this.previousElementSibling;
    if (last instanceof HTMLElement && last.offsetHeight > innerHeight / 2) last.scrollIntoView({ block: "start" });
    else this.scrollIntoView({ block: "nearest" });
  }
}

define("kefu-turns", KefuTurns);
