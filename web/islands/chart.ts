// <kefu-chart><script type="application/json">ECharts option</script></kefu-chart>: the drawing part arrives when a chart comes into view.
import { define, make } from "./dom";
import { text } from "./texts";
import { isDark } from "./theme";
import type { Drawn } from "./chart-draw";

/** The option of a chart, or null when it cannot be read. */
export function optionOf(island: Element): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(island.querySelector("script[type='application/json']")?.textContent ?? "");
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}

export class KefuChart extends HTMLElement {
  private drawn: Drawn | null = null;
  private seen: IntersectionObserver | null = null;
  private sized: ResizeObserver | null = null;
  private place: HTMLElement | null = null;

  connectedCallback(): void {
    document.addEventListener("kefu-theme", this.redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.redraw);
    this.seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.seen?.disconnect();
        void this.draw();
      },
      { rootMargin: "200px" },
    );
    this.seen.observe(this);
  }

  disconnectedCallback(): void {
    document.removeEventListener("kefu-theme", this.redraw);
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.redraw);
    this.seen?.disconnect();
    this.sized?.disconnect();
    this.drawn?.dispose();
    this.drawn = null;
    this.place?.remove();
    this.place = null;
  }

  private readonly redraw = (): void => {
    if (this.drawn) void this.draw();
  };

  private async draw(): Promise<void> {
    try {
      const option = optionOf(this);
      if (!option) throw new Error("the chart has no option that can be read");
      const { drawChart } = await import("./chart-draw");
      if (!this.isConnected) return;
      this.drawn?.dispose();
      this.place ??= make("div", { class: "chart-canvas", "aria-hidden": "true", style: "height:100%;min-height:inherit" });
      if (!this.place.isConnected) this.append(this.place);
      this.drawn = drawChart(this.place, option, isDark());
      this.sized ??= new ResizeObserver(() => this.drawn?.resize());
      this.sized.observe(this);
      this.setAttribute("ready", "");
      this.dispatchEvent(new CustomEvent("kefu-chart-ready", { bubbles: true }));
    } catch {
      this.fail();
    }
  }

  /** Without the drawing the table beside it says the same. */
  private fail(): void {
    this.setAttribute("failed", "");
    this.style.height = "auto";
    this.append(make("p", { class: "text-secondary", role: "status" }, text("chart_failed")));
    const table = this.closest("figure")?.querySelector("details.chart-table");
    table?.setAttribute("open", "");
  }
}

define("kefu-chart", KefuChart);
