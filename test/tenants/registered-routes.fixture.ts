import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';

export interface Route {
  method: string;
  url: string;
}

/** On which Fastify tells of every server that is made, before anything is registered with it. */
const CHANNEL = 'fastify.initialization';

/** What `start` gives, and every route that the servers which it makes register until it is done: those of plugins, too. */
export async function recordRoutes<T>(start: () => Promise<T>): Promise<{ started: T; routes: Route[] }> {
  const routes: Route[] = [];
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const each of [method].flat()) routes.push({ method: each, url });
    });
  };
  subscribe(CHANNEL, listen);
  try {
    return { started: await start(), routes };
  } finally {
    unsubscribe(CHANNEL, listen);
  }
}

/** `GET /v1/files/:id`, sorted; HEAD is left out where GET is there, since Fastify answers it by the same handler. */
export function namesOf(routes: readonly Route[]): string[] {
  const got = new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url));
  const own = routes.filter(({ method, url }) => method !== 'HEAD' || !got.has(url));
  return own.map(({ method, url }) => `${method} ${url}`).sort();
}
