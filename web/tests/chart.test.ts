import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { optionOf } from "../islands/chart";
import { dressed } from "../islands/chart-draw";
import { find, page, settle } from "./helpers";

/** Everything is in view here. */
class Seen {
  constructor(readonly tell: (entries: { isIntersecting: boolean }[]) => void) {}
  observe(): void {
    this.tell([{ isIntersecting: true }]);
  }
  disconnect(): void {}
}

describe("kefu-chart", () => {
  beforeEach(() => vi.stubGlobal("IntersectionObserver", Seen));
  afterEach(() => {
    page("");
    vi.unstubAllGlobals();
  });

  it("reads its option", () => {
    page('<div id="a"><script type="application/json">{"series":[]}</script></div><div id="b"><script type="application/json">[1]</script></div><div id="c"></div>');
    expect(optionOf(find("#a"))).toEqual({ series: [] });
    expect([optionOf(find("#b")), optionOf(find("#c"))]).toEqual([null, null]);
  });

  it("dresses an option in the house's colours and leaves what it says itself", () => {
    const light = dressed({ xAxis: { type: "category", axisLabel: { color: "red" } }, yAxis: [{ type: "value" }], series: [] }, false, true);
    const dark = dressed({ series: [], legend: { bottom: 0 } }, true, false);
    expect(light["animation"]).toBe(false);
    expect(light["tooltip"]).toMatchObject({ trigger: "axis" });
    expect(light["xAxis"]).toMatchObject({ axisLabel: { color: "red" }, type: "category" });
    expect(dark["legend"]).toMatchObject({ bottom: 0, textStyle: { color: "#d0d0d0" } });
    expect(light["color"]).not.toEqual(dark["color"]);
  });

  it("opens the table when it cannot be drawn", async () => {
    page('<figure><kefu-chart><script type="application/json">{broken</script></kefu-chart><details class="chart-table"><summary>t</summary></details></figure>');
    await settle();
    expect(find("kefu-chart").hasAttribute("failed")).toBe(true);
    expect(find("kefu-chart").textContent).toContain("could not be drawn");
    expect(find("details").hasAttribute("open")).toBe(true);
  });
});
