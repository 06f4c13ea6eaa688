// The lazy part of <kefu-chart>: ECharts with only the types that the centre draws.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, TooltipComponent, CanvasRenderer]);

const LIGHT = ["#1454cc", "#237804", "#ad5700", "#c41d29", "#0a6c7d", "#8a2bb0", "#666666", "#3f6f00"];
const DARK = ["#7ea6ff", "#8fd460", "#ffc069", "#ff9c94", "#6fd0e0", "#dea9f2", "#b8b8b8", "#c3d96b"];

export interface Drawn {
  resize: () => void;
  dispose: () => void;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function axis(value: unknown, ink: string, line: string): unknown {
  if (Array.isArray(value)) return value.map((one) => axis(one, ink, line));
  if (!isRecord(value)) return value;
  return {
    axisLabel: { color: ink, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
    nameTextStyle: { color: ink },
    ...value,
  };
}

/** An option with the colours, fonts and distances of the house; what the option says itself stays. */
export function dressed(option: Record<string, unknown>, dark: boolean, still: boolean): Record<string, unknown> {
  const ink = dark ? "#d0d0d0" : "#444444";
  const line = dark ? "#4a4a4a" : "#dddddd";
  const made: Record<string, unknown> = {
    color: dark ? DARK : LIGHT,
    animation: !still,
    textStyle: { fontFamily: '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif', color: ink },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    tooltip: { trigger: "item", confine: true },
    ...option,
    backgroundColor: "transparent",
  };
  if (option["xAxis"] !== undefined) made["tooltip"] = { trigger: "axis", confine: true, ...(isRecord(option["tooltip"]) ? option["tooltip"] : {}) };
  const legend = option["legend"];
  made["legend"] = isRecord(legend) || legend === undefined ? { type: "plain", textStyle: { color: ink }, ...legend } : legend;
  for (const name of ["xAxis", "yAxis"]) if (option[name] !== undefined) made[name] = axis(option[name], ink, line);
  return made;
}

/** Draw `option` into `place`. */
export function drawChart(place: HTMLElement, option: Record<string, unknown>, dark: boolean): Drawn {
  const chart = echarts.init(place, undefined, { renderer: "canvas" });
  chart.setOption(dressed(option, dark, matchMedia("(prefers-reduced-motion: reduce)").matches));
  return { resize: () => chart.resize(), dispose: () => chart.dispose() };
}
