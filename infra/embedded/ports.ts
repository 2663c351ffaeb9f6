import { createServer } from 'node:net';

/** SeaweedFS opens a gRPC port 10000 above each HTTP port; above 32767 the kernel hands ports out to anybody. */
export const HIGHEST_PORT_BASE = 22_700;
export const DEFAULT_PORT_BASE = 21_000;

export interface Ports {
  /** The public origin. */
  gateway: number;
  api: number;
  apiInternal: number;
  worker: number;
  postgres: number;
  valkey: number;
  s3: number;
  s3Master: number;
  s3Volume: number;
  s3Filer: number;
  s3Admin: number;
  /** The first and last port that serving engines may take. */
  engines: { first: number; last: number };
}

export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base > HIGHEST_PORT_BASE) {
    throw new Error(`FORKPOINT_PORT_BASE is ${base}: it has to be a whole number from 1024 to ${HIGHEST_PORT_BASE}`);
  }
  return {
    gateway: base,
    api: base + 1,
    apiInternal: base + 2,
    worker: base + 3,
    postgres: base + 4,
    valkey: base + 5,
    s3: base + 6,
    s3Master: base + 7,
    s3Volume: base + 8,
    s3Filer: base + 9,
    s3Admin: base + 10,
    engines: { first: base + 20, last: base + 59 },
  };
}

/** SeaweedFS adds it to an HTTP port unless told otherwise. */
export const GRPC_OFFSET = 10_000;

/** Every port that has to be free before a start, with the part that will listen there. */
export function portsInUse(ports: Ports, parts: 'embedded' | 'all'): Map<number, string> {
  const embedded: Array<[number, string]> = [
    [ports.postgres, 'postgres'],
    [ports.valkey, 'valkey'],
  ];
  for (const port of [ports.s3, ports.s3Master, ports.s3Volume, ports.s3Filer, ports.s3Admin]) {
    embedded.push([port, 'seaweedfs'], [port + GRPC_OFFSET, 'seaweedfs']);
  }
  if (parts === 'embedded') return new Map(embedded);
  return new Map([
    [ports.gateway, 'gateway'],
    [ports.api, 'api'],
    [ports.apiInternal, 'api (internal listener)'],
    [ports.worker, 'worker'],
    ...embedded,
  ]);
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first base from `first` on whose ports are all free. */
export async function findFreePortBase(first: number, parts: 'embedded' | 'all'): Promise<number> {
  for (let base = first; base <= HIGHEST_PORT_BASE; base += parts === 'embedded' ? 20 : 60) {
    const wanted = [...portsInUse(portsFrom(base), parts).keys()];
    const free = await Promise.all(wanted.map(isPortFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no free range of ports between ${first} and ${HIGHEST_PORT_BASE}: end what listens there`);
}
