import { describe, expect, it } from '@jest/globals';
import { pointerRange } from './pointer-range';

const marked = (json: string, pointer: string) => {
  const range = pointerRange(json, pointer);
  return range && json.slice(...range);
};

describe('where a JSON Pointer points within a line', () => {
  const json = '{"messages": [{"role": "user", "content": "a, {b}"}, {"role":"bot","weight": -1.5}], "a/b": null}';

  it.each([
    ['/messages/1/role', '"bot"'],
    ['/messages/0/content', '"a, {b}"'],
    ['/messages/1', '{"role":"bot","weight": -1.5}'],
    ['/messages/1/weight', '-1.5'],
    ['/a~1b', 'null'],
  ])('%s', (pointer, expected) => {
    expect(marked(json, pointer)).toBe(expected);
  });

  it('marks what is around something that is missing', () => {
    expect(marked(json, '/messages/1/content')).toBe('{"role":"bot","weight": -1.5}');
  });

  it('marks nothing for the whole line, for a key that is nowhere and for what is no JSON', () => {
    expect(marked(json, '')).toBeNull();
    expect(marked(json, '/nothing')).toBeNull();
    expect(marked('{"messages": [', '/messages/0')).toBeNull();
  });
});
