import { expect, test } from '@jest/globals';
import { readEvents } from './sse';

async function eventsOf(chunks: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const events: string[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

const STREAM = 'data: {"a":"für"}\n\n: ping\n\ndata: one\ndata: two\r\n\r\nevent: x\ndata:[DONE]\n\n';
const EXPECTED = ['{"a":"für"}', 'one\ntwo', '[DONE]'];

test('events are the same however their bytes are cut', async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );
    expect(await eventsOf(chunks)).toEqual(EXPECTED);
  }
});

test('an event that the end cuts off is still one', async () => {
  expect(await eventsOf([new TextEncoder().encode('data: a\n\ndata: b')])).toEqual(['a', 'b']);
});
