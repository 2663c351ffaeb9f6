import { describe, expect, it } from '@jest/globals';
import type { Observation } from './drivers/driver.js';
import { type Measure, measureFor } from './supervision.policy.js';

const NOW = new Date('2026-01-01T12:00:00.000Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const settings = { stopGraceSeconds: 300, cancelGraceSeconds: 10 };

type Attempt = Parameters<typeof measureFor>[0];

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  state: 'running',
  jobState: 'running',
  limits: { threads: 1, memory_bytes: 1000, wall_seconds: 3600 },
  createdAt: ago(60),
  startedAt: ago(55),
  leaseExpiresAt: ago(-100),
  signalledAt: null,
  reportedAt: null,
  ...changes,
});

const running: Observation = { phase: 'running', residentBytes: 500 };
const gone: Observation = { phase: 'gone', exit: { how: 'exited', code: 0 } };
const absent: Observation = { phase: 'absent' };

const CASES: Array<[string, Partial<Attempt>, Observation, Measure]> = [
  ['one at work', {}, running, { do: 'nothing' }],
  [
    'one in a cluster’s queue',
    { state: 'starting', startedAt: null, leaseExpiresAt: ago(5) },
    { phase: 'waiting' },
    { do: 'nothing' },
  ],
  ['one whose process ended', {}, gone, { do: 'conclude', exit: { how: 'exited', code: 0 } }],
  ['one over whose process is gone', { state: 'ended' }, gone, { do: 'release' }],
  ['one over that the driver forgot', { state: 'ended' }, absent, { do: 'release' }],
  ['one over that runs on', { state: 'ended' }, running, { do: 'kill' }],
  ['one just being submitted', { state: 'starting', createdAt: ago(2) }, absent, { do: 'nothing' }],
  [
    'one that the driver never got',
    { state: 'starting', createdAt: ago(60) },
    absent,
    { do: 'conclude', exit: { how: 'lost' } },
  ],
  ['one cut off', { state: 'fenced' }, running, { do: 'kill' }],
  ['one to stop', { state: 'stopping', jobState: 'pausing' }, running, { do: 'stop' }],
  ['one that is saving', { state: 'stopping', jobState: 'pausing', signalledAt: ago(200) }, running, { do: 'nothing' }],
  [
    'one that saves for too long',
    { state: 'stopping', jobState: 'pausing', signalledAt: ago(301) },
    running,
    { do: 'fence', code: 'stop_overdue' },
  ],
  [
    'one cancelled that goes on',
    { state: 'stopping', jobState: 'cancelling', signalledAt: ago(11) },
    running,
    { do: 'fence', code: 'stop_overdue' },
  ],
  ['one that has said its last word', { reportedAt: ago(5) }, running, { do: 'nothing' }],
  ['one that won’t go after its last word', { reportedAt: ago(31) }, running, { do: 'kill' }],
  ['one too big', {}, { phase: 'running', residentBytes: 1001 }, { do: 'fence', code: 'memory_limit' }],
  ['one too long', { startedAt: ago(3601) }, running, { do: 'fence', code: 'wall_limit' }],
  ['one that waited for long and then began', { createdAt: ago(9000), startedAt: ago(10) }, running, { do: 'nothing' }],
  ['one that fell silent', { leaseExpiresAt: ago(1) }, running, { do: 'fence', code: 'lease_expired' }],
];

describe('what is done about an attempt', () => {
  it.each(CASES)('%s', (_, changes, observation, expected) => {
    expect(measureFor(attempt(changes), observation, NOW, settings)).toEqual(expected);
  });
});
