const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/** The stretches of time that traffic is shown of, each up to now; kept in the page's address. */
export const TRAFFIC_SPANS = {
  hour: { label: 'Last hour', text: 'the last hour', seconds: SECONDS.hour, unitSeconds: SECONDS.minute },
  day: { label: 'Last 24 hours', text: 'the last 24 hours', seconds: SECONDS.day, unitSeconds: SECONDS.hour },
  week: { label: 'Last 7 days', text: 'the last 7 days', seconds: 7 * SECONDS.day, unitSeconds: SECONDS.day },
} as const;
export type TrafficSpan = keyof typeof TRAFFIC_SPANS;

export function isTrafficSpan(value: unknown): value is TrafficSpan {
  return typeof value === 'string' && Object.hasOwn(TRAFFIC_SPANS, value);
}

/** Up to the end of this minute, so that the same question is asked for a minute. */
export function boundsOf(span: TrafficSpan, nowMilliseconds: number): { from: string; to: string } {
  const minute = SECONDS.minute * 1000;
  const to = Math.ceil(nowMilliseconds / minute) * minute;
  const from = to - TRAFFIC_SPANS[span].seconds * 1000;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
