import { describe, expect, test } from '@jest/globals';
import { CurveStore } from './curve-store';

describe('the curves of a job', () => {
  test('grow by what comes, in the order of steps', () => {
    const store = new CurveStore();
    store.put([{ name: 'train_loss', steps: [1, 3], values: [2, 1.5] }]);
    store.add([
      { name: 'train_loss', step: 4, value: 1.4 },
      { name: 'train_loss', step: 2, value: 1.8 },
      { name: 'valid_loss', step: 4, value: 1.6 },
    ]);
    expect(store.read('train_loss')).toEqual({ steps: [1, 2, 3, 4], values: [2, 1.8, 1.5, 1.4] });
    expect(store.last('valid_loss')).toBe(1.6);
    expect(store.read('grad_norm')).toBeNull();
  });

  test('have the newer value of a step that was run again', () => {
    const store = new CurveStore();
    store.add([{ name: 'train_loss', step: 7, value: 3 }]);
    store.add([{ name: 'train_loss', step: 7, value: 2 }]);
    expect(store.read('train_loss')).toEqual({ steps: [7], values: [2] });
  });

  test('are the same object while nothing has come, so that nothing is drawn again', () => {
    const store = new CurveStore();
    store.add([{ name: 'train_loss', step: 1, value: 3 }]);
    const before = store.read('train_loss');
    store.add([{ name: 'valid_loss', step: 1, value: 3 }]);
    expect(store.read('train_loss')).toBe(before);
    store.put([{ name: 'train_loss', steps: [2], values: [1] }]);
    expect(store.read('train_loss')).not.toBe(before);
  });
});
