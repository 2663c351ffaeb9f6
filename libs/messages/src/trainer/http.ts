import { z } from 'zod';
import { TrainerEvent } from './events.js';
import { RelativePath, TrainerFile } from './files.js';
import { InputName } from './job-spec.js';

/**
 * The trainer's side of the internal listener. Both calls carry `Authorization: Bearer <attempt token>`.
 * 409 with code `stale_attempt` on either: another attempt has the job; the trainer stops at once, saving nothing.
 */
export const trainerPaths = {
  events: (attemptId: string) => `/internal/v1/attempts/${attemptId}/events`,
  urls: (attemptId: string) => `/internal/v1/attempts/${attemptId}/urls`,
};

export const MAX_EVENTS_PER_POST = 500;
export const MAX_URLS_PER_REQUEST = 200;

export const EventsRequest = z
  .strictObject({
    first_number: z
      .int()
      .min(1)
      .meta({ description: 'Number of the first event, or of the next one when there are none' }),
    events: z
      .array(TrainerEvent)
      .max(MAX_EVENTS_PER_POST)
      .meta({ description: 'Consecutive numbers from first_number; none: a heartbeat' }),
  })
  .meta({ id: 'EventsRequest' });
export type EventsRequest = z.infer<typeof EventsRequest>;

export const EventsResponse = z
  .strictObject({
    acknowledged: z.int().min(0).meta({ description: 'Every event up to this number is durable' }),
    directive: z
      .enum(['continue', 'stop'])
      .optional()
      .meta({ description: 'stop: save, report stopped, exit resumable' }),
  })
  .meta({ id: 'EventsResponse' });
export type EventsResponse = z.infer<typeof EventsResponse>;

export const UrlRead = z.strictObject({ input: InputName, path: RelativePath }).meta({ id: 'UrlRead' });

export const UrlRequest = z
  .strictObject({
    reads: z.array(UrlRead).max(MAX_URLS_PER_REQUEST),
    writes: z
      .array(TrainerFile)
      .max(MAX_URLS_PER_REQUEST)
      .meta({ description: 'Paths under the attempt’s own prefix' }),
  })
  .meta({ id: 'UrlRequest' });
export type UrlRequest = z.infer<typeof UrlRequest>;

export const UrlResponse = z
  .strictObject({
    reads: z.array(z.strictObject({ ...UrlRead.shape, url: z.url() }).meta({ id: 'ReadUrl' })),
    writes: z.array(
      z
        .strictObject({ path: RelativePath, url: z.url(), headers: z.record(z.string(), z.string()) })
        .meta({ id: 'WriteUrl', description: 'PUT the bytes to url with exactly these headers' }),
    ),
  })
  .meta({ id: 'UrlResponse', description: 'In the order asked for' });
export type UrlResponse = z.infer<typeof UrlResponse>;

export const TrainerRefusal = z
  .looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) })
  .meta({ id: 'TrainerRefusal', description: 'Any answer of 400 and above; code stale_attempt comes with 409' });
export type TrainerRefusal = z.infer<typeof TrainerRefusal>;

/** Exit codes of the trainer process: what the driver can tell when no `ended` event arrived. */
export const TRAINER_EXIT_CODES = {
  done: 0,
  bad_spec: 64,
  data_error: 65,
  internal: 70,
  resumable: 75,
  fenced: 76,
} as const;

export const TrainerExitCode = z.literal(Object.values(TRAINER_EXIT_CODES)).meta({
  id: 'TrainerExitCode',
  description:
    'done: outcome succeeded; data_error: outcome invalid; resumable: saved, run again; fenced: nothing reported',
  'x-enum-varnames': Object.keys(TRAINER_EXIT_CODES),
});
export type TrainerExitCode = z.infer<typeof TrainerExitCode>;
