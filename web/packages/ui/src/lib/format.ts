// How values are written for people. Pure: the locale and the present instant come from the caller where they matter.

export function stageDuration(stage: { started_at?: string | null; finished_at?: string | null }): string {
  if (!stage.started_at || !stage.finished_at) return '';
  return duration(Date.parse(stage.finished_at) - Date.parse(stage.started_at));
}

export function duration(length_ms: number): string {
  if (length_ms < 1_000) return `${Math.max(0, Math.round(length_ms))} ms`;
  if (length_ms < 60_000) return `${(length_ms / 1_000).toFixed(1)} s`;
  const whole_s = Math.round(length_ms / 1_000);
  return `${Math.floor(whole_s / 60)} min ${whole_s % 60} s`;
}

export function fileSize(size_bytes: number): string {
  if (size_bytes < 1_000) return `${size_bytes} B`;
  if (size_bytes < 1_000_000) return `${(size_bytes / 1_000).toFixed(0)} kB`;
  return `${(size_bytes / 1_000_000).toFixed(1)} MB`;
}

export function dateTime(instant: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

const UNITS: ReadonlyArray<[Intl.RelativeTimeFormatUnit, number]> = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 hours ago", "yesterday", "just now". */
export function ago(instant: string, now_ms: number, locale?: string): string {
  const past_s = (now_ms - Date.parse(instant)) / 1_000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, length_s] of UNITS) {
    if (past_s >= length_s) return format.format(-Math.floor(past_s / length_s), unit);
  }
  return 'just now';
}
