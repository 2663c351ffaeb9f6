import { Client } from 'undici';

const TIMEOUT_MILLISECONDS = 20_000;

export interface RawRequest {
  method: string;
  /** With its query, sent as it is written: nothing is resolved or encoded on the way, as fetch would. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface RawAnswer {
  status: number;
  body: string;
}

export async function sendRaw(origin: string, { method, ...request }: RawRequest): Promise<RawAnswer> {
  const client = new Client(origin, { headersTimeout: TIMEOUT_MILLISECONDS, bodyTimeout: TIMEOUT_MILLISECONDS });
  try {
    const answer = await client.request({ ...request, method: method as 'GET' });
    return { status: answer.statusCode, body: await answer.body.text() };
  } finally {
    await client.destroy();
  }
}
