import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AuditEntry, type AuditFacts, CHAIN_START, ChainVerifier, sealEntry } from './audit-chain.js';

const texts = fc.string({ maxLength: 12 });
const factsWithoutSequence = fc.record({
  id: texts,
  organizationId: fc.constant('org_a'),
  occurredAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
  actorType: fc.constantFrom('user', 'api_key', 'system'),
  actorId: texts,
  action: texts,
  outcome: fc.constantFrom('done' as const, 'refused' as const),
  code: fc.option(texts),
  targetIds: fc.array(texts, { maxLength: 3 }),
  projectId: fc.option(texts),
  requestId: texts,
  inputSha256: texts,
});

const chains = fc.array(factsWithoutSequence, { minLength: 2, maxLength: 8 }).map((facts) => {
  let previous = CHAIN_START;
  return facts.map((fact, position) => {
    const entry = sealEntry({ ...fact, sequence: BigInt(position + 1) } as AuditFacts, previous);
    previous = entry.entrySha256;
    return entry;
  });
});

function verify(entries: readonly AuditEntry[]): ChainVerifier {
  const verifier = new ChainVerifier();
  for (const entry of entries) if (!verifier.accept(entry)) break;
  return verifier;
}

const chainAndPosition = chains.chain((entries) =>
  fc.tuple(fc.constant(entries), fc.integer({ min: 0, max: entries.length - 1 })),
);

describe('the audit chain', () => {
  test('is in order as it was written, and can be followed on from any head', () => {
    fc.assert(
      fc.property(chainAndPosition, ([entries, position]) => {
        const whole = verify(entries);
        expect(whole.fault).toBeNull();
        expect(whole.head).toEqual({ sequence: BigInt(entries.length), sha256: entries.at(-1)?.entrySha256 });
        const rest = new ChainVerifier(verify(entries.slice(0, position)).head);
        for (const entry of entries.slice(position)) expect(rest.accept(entry)).toBe(true);
        expect(rest.head).toEqual(whole.head);
      }),
    );
  });

  test('shows every change of a fact, at the entry that was changed', () => {
    const changes: Array<[keyof AuditEntry, unknown]> = [
      ['id', 'aud_other'],
      ['organizationId', 'org_b'],
      ['occurredAt', new Date('2101-01-01')],
      ['actorType', 'service_account'],
      ['actorId', 'somebody else entirely'],
      ['action', 'something else entirely'],
      ['code', 'ANOTHER_CODE_THAN_BEFORE'],
      ['targetIds', ['one', 'two', 'three', 'four']],
      ['projectId', 'another project than it was'],
      ['requestId', 'another request than it was'],
      ['inputSha256', 'another input than it was'],
    ];
    fc.assert(
      fc.property(chainAndPosition, fc.constantFrom(...changes), ([entries, position], [field, value]) => {
        const forged = entries.map((entry, at) => (at === position ? { ...entry, [field]: value } : entry));
        expect(verify(forged).fault).toEqual({ sequence: BigInt(position + 1), fault: 'changed' });
      }),
    );
  });

  test('shows an entry that was changed and sealed again', () => {
    fc.assert(
      fc.property(chainAndPosition, ([entries, position]) => {
        fc.pre(position < entries.length - 1);
        const { previousSha256, entrySha256: _, ...facts } = entries[position] as AuditEntry;
        const resealed = sealEntry({ ...facts, action: 'something else entirely' }, previousSha256);
        const forged = entries.map((entry, at) => (at === position ? resealed : entry));
        expect(verify(forged).fault).toEqual({ sequence: BigInt(position + 2), fault: 'out_of_place' });
      }),
    );
  });

  test('shows what was left out or swapped', () => {
    fc.assert(
      fc.property(chainAndPosition, ([entries, position]) => {
        fc.pre(position < entries.length - 1);
        expect(verify(entries.toSpliced(position, 1)).fault?.fault).toBe('missing');
        const [one, other] = [entries[position], entries[position + 1]] as [AuditEntry, AuditEntry];
        const swapped = entries.with(position, { ...other, sequence: one.sequence });
        expect(verify(swapped).fault).not.toBeNull();
      }),
    );
  });
});
