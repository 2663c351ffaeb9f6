import { expect, test } from '@jest/globals';
import { publisherName, shareOf, variantName } from './naming';

const checkpoint = { id: 'ckpt_1', name: 'ft:forge-1-pretrain-400:acme:rust:k3v9qa', base: null };
const review = { reason: null, reviewedAt: '2026-03-10T12:00:00.000Z' };

test('a publisher has its name for who may see it, for others what its variant says', () => {
  expect(publisherName({ organization: { id: 'org_1', name: 'Acme Robotics' }, checkpoint })).toBe('Acme Robotics');
  expect(publisherName({ organization: null, checkpoint })).toBe('acme');
});

test('of what may not be seen any more there is no name', () => {
  expect(variantName({ checkpoint: null })).toBeNull();
  expect(publisherName({ organization: null, checkpoint: null })).toBeNull();
});

test('the share is that of the approval', () => {
  const rejected = { ...review, verdict: 'REJECTED' as const, publisherShareBasisPoints: null };
  const approved = { ...review, verdict: 'APPROVED' as const, publisherShareBasisPoints: 7_050 };
  expect(shareOf({ reviews: [rejected] })).toBeNull();
  expect(shareOf({ reviews: [rejected, approved] })).toBe(0.705);
});
