const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "500ms", "5s", "2m", "1h". */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(count) * (MILLISECONDS[unit ?? ''] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new Error(`"${text}" is no duration such as 500ms, 5s, 2m or 1h`);
  return milliseconds;
}
