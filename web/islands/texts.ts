// The words the islands say. The page gives the translated ones in <script type="application/json" id="kefu-texts">; these are the fallback.
export const DEFAULTS = {
  ok: "OK",
  cancel: "Cancel",
  close: "Close",
  nothing_found: "Nothing found",
  remove: "Remove",
  connection_lost: "Connection lost, trying again",
  connection_back: "Connected again",
  signed_out: "You were signed out. Open this page again to sign in.",
  chart_failed: "The chart could not be drawn; the figures stand in the table.",
  request_failed: "The server did not answer. Check the connection and try again.",
  day: "{n} day",
  days: "{n} days",
  hour: "{n} h",
  hours: "{n} h",
  minute: "{n} min",
  minutes: "{n} min",
  seconds: "{n} s",
  under_a_minute: "under a minute",
  draft_restored: "What you typed before was restored.",
  discard: "Discard",
  discard_changes: "Leave without sending what you typed?",
  shortcuts: "Shortcuts",
  keys_here: "On this page",
  keys_go: "Go to",
  walk_rows: "Next and previous row; Enter opens it",
  send_form: "Send the form",
  close_drawer: "Close what is open",
  theme_auto: "Theme: as the device",
  theme_light: "Theme: light",
  theme_dark: "Theme: dark",
  columns: "Columns",
  move_up: "Move up",
  move_down: "Move down",
  all_of: "All of these hold",
  any_of: "One of these holds",
  not: "Not",
  add_condition: "Add condition",
  add_group: "Add group",
  field: "Field",
  operator: "Comparison",
  value: "Value",
  unit: "Unit of time",
  unit_minute: "minutes",
  unit_hour: "hours",
  unit_day: "days",
  unit_week: "weeks",
  unit_month: "months",
  the_last: "the last",
  the_next: "the next",
  from: "From",
  to: "To",
  yes: "Yes",
  no: "No",
} as const;

export type TextKey = keyof typeof DEFAULTS;

let given: Partial<Record<string, string>> | null = null;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function load(): Partial<Record<string, string>> {
  const found: Record<string, string> = {};
  try {
    const parsed: unknown = JSON.parse(document.getElementById("kefu-texts")?.textContent ?? "{}");
    if (isRecord(parsed)) {
      for (const [key, value] of Object.entries(parsed)) if (typeof value === "string") found[key] = value;
    }
  } catch {
    // Broken texts leave the English words.
  }
  return found;
}

/** Put a value into "{n} days", "{t} left" or "{} left". */
export function fill(pattern: string, value: string | number): string {
  return pattern.replace(/\{\w*\}/, () => String(value));
}

/** The word for `key`, with `value` in its place. */
export function text(key: TextKey, value?: string | number): string {
  given ??= load();
  const pattern = given[key] ?? DEFAULTS[key];
  return value === undefined ? pattern : fill(pattern, value);
}

/** Forget the loaded words (another page, a test). */
export function forgetTexts(): void {
  given = null;
}

const SIZES = [
  [86_400, "day", "days"],
  [3600, "hour", "hours"],
  [60, "minute", "minutes"],
] as const;

/** A length of time in its two largest units, as kefu.kit.show.span writes it. */
export function span(seconds: number): string {
  let rest = Math.floor(Math.abs(seconds));
  const parts: string[] = [];
  for (const [size, one, many] of SIZES) {
    if (rest >= size) {
      const n = Math.floor(rest / size);
      rest %= size;
      parts.push(text(n === 1 ? one : many, n));
    } else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length > 0 ? parts.join(" ") : text("under_a_minute");
}
