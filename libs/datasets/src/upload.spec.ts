import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MULTIPART_LIMITS } from '#platform/storage';
import {
  bytesOfPart,
  formatNumbers,
  LARGEST_SINGLE_PUT_BYTES,
  LARGEST_UPLOAD_BYTES,
  missingParts,
  partCount,
  planUpload,
} from './upload.js';

const size = fc.integer({ min: 1, max: LARGEST_UPLOAD_BYTES });
const partedSize = fc.integer({ min: LARGEST_SINGLE_PUT_BYTES + 1, max: LARGEST_UPLOAD_BYTES });

describe('the plan of an upload', () => {
  test('is one request for small files and parts for others', () => {
    expect(planUpload(1)).toEqual({ method: 'single_put', partBytes: null });
    expect(planUpload(LARGEST_SINGLE_PUT_BYTES).method).toBe('single_put');
    expect(planUpload(LARGEST_SINGLE_PUT_BYTES + 1)).toEqual({ method: 'multipart', partBytes: 16 * 1024 ** 2 });
  });

  test('refuses files that are empty or too large', () => {
    expect(() => planUpload(0)).toThrow(expect.objectContaining({ code: 'FILE_EMPTY' }));
    expect(() => planUpload(LARGEST_UPLOAD_BYTES + 1)).toThrow(expect.objectContaining({ code: 'FILE_TOO_LARGE' }));
  });

  test('stays within the bounds of S3, and its parts make up the file', () => {
    fc.assert(
      fc.property(partedSize, (bytes) => {
        const partBytes = planUpload(bytes).partBytes!;
        const count = partCount(bytes, partBytes);
        expect(count).toBeLessThanOrEqual(MULTIPART_LIMITS.maxParts);
        expect(partBytes).toBeGreaterThanOrEqual(MULTIPART_LIMITS.minPartBytes);
        const lengths = Array.from({ length: count }, (_, index) => bytesOfPart(bytes, partBytes, index + 1));
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes);
        expect(lengths.every((length) => length > 0 && length <= partBytes)).toBe(true);
      }),
    );
  });

  test.each([0, 3, 1.5, -1])('has no part %p of two', (partNumber) => {
    expect(() => bytesOfPart(20, 10, partNumber)).toThrow(expect.objectContaining({ code: 'UPLOAD_PART_UNKNOWN' }));
  });
});

describe('missing parts', () => {
  test('are those that did not come, and those that came short', () => {
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 2 })),
        (bytes, part, fates) => {
          const partBytes = Math.max(part, Math.ceil(bytes / 50));
          const numbers = Array.from({ length: partCount(bytes, partBytes) }, (_, index) => index + 1);
          const fateOf = new Map(numbers.map((number) => [number, fates.next().value as number]));
          const stored = numbers
            .filter((number) => fateOf.get(number) !== 0)
            .map((partNumber) => ({
              partNumber,
              bytes: bytesOfPart(bytes, partBytes, partNumber) - (fateOf.get(partNumber) === 1 ? 1 : 0),
            }));
          expect(missingParts(bytes, partBytes, stored)).toEqual(numbers.filter((number) => fateOf.get(number) !== 2));
        },
      ),
    );
  });

  test('are told in ranges', () => {
    expect(formatNumbers([1, 2, 3, 7, 9, 10])).toBe('1-3, 7, 9-10');
    expect(formatNumbers([])).toBe('');
  });
});
