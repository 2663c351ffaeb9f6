import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CORSConfiguration,
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { logFileOf, type ProcessSpec, type RuntimeHome, SetUpError } from '../processes/index.js';
import type { EmbeddedServer } from './embedded-server.js';
import { GRPC_OFFSET, type Ports } from './ports.js';
import { pythonProgram } from './python-packages.js';
import type { Secrets } from './secrets.js';

export const S3_REGION = 'us-east-1';
export const S3_BUCKET = 'forkpoint';

export interface SeaweedOptions {
  ports: Ports;
  secrets: Secrets;
  /** Pages that may send bytes to S3 straight from the browser. */
  allowedOrigins: readonly string[];
}

export class EmbeddedSeaweed implements EmbeddedServer {
  readonly name = 'seaweedfs';
  // After a kill -9 it checks its volumes first, which took 20 s.
  readonly readyWithinMilliseconds = 90_000;
  readonly stopWithinMilliseconds = 15_000;
  private readonly directory: string;

  constructor(
    private readonly home: RuntimeHome,
    private readonly options: SeaweedOptions,
  ) {
    this.directory = join(home.data, 'seaweedfs');
  }

  async prepare(): Promise<void> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    removeStaleSockets(this.options.ports);
    writeFileSync(this.identitiesFile(), JSON.stringify(this.identities()), { mode: 0o600 });
  }

  process(): ProcessSpec {
    return {
      name: this.name,
      command: pythonProgram('weed'),
      args: ['-logtostderr=true', 'mini', ...this.flags()],
      // A bound on Go's heap: a 1 GiB upload took 3 GB without it. HOME: it looks for a configuration there.
      env: { PATH: process.env['PATH'], HOME: this.directory, GOMEMLIMIT: '512MiB', TZ: 'UTC' },
      cwd: this.directory,
      logFile: logFileOf(this.home, this.name),
    };
  }

  async isReady(): Promise<boolean> {
    const response = await fetch(`${s3Endpoint(this.options.ports)}/healthz`, { signal: AbortSignal.timeout(2_000) });
    if (!response.ok) return false;
    return this.withClient(async (client) => {
      // Names are served before the volumes that hold the bytes are: only an object written by an earlier start shows
      // that what was stored can be read.
      if (!(await bucketExists(client)) || !(await holdsProbe(client))) return true;
      const { Body } = await client.send(new GetObjectCommand(PROBE));
      await Body?.transformToByteArray();
      await writeProbe(client);
      return true;
    });
  }

  async provision(): Promise<void> {
    await this.withClient(async (client) => {
      if (!(await bucketExists(client))) await client.send(new CreateBucketCommand({ Bucket: S3_BUCKET }));
      await client.send(new PutBucketCorsCommand({ Bucket: S3_BUCKET, CORSConfiguration: this.corsConfiguration() }));
      await writeProbe(client);
    });
  }

  private corsConfiguration(): CORSConfiguration {
    return {
      CORSRules: [
        {
          AllowedOrigins: [...this.options.allowedOrigins],
          AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST'],
          AllowedHeaders: ['*'],
          ExposeHeaders: ['ETag', 'x-amz-checksum-sha256', 'Content-Range'],
          MaxAgeSeconds: 3_600,
        },
      ],
    };
  }

  private async withClient<T>(work: (client: S3Client) => Promise<T>): Promise<T> {
    const client = s3Client(this.options);
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }

  /** By default it listens on every address, and the filer serves objects without asking who wants them. */
  private flags(): string[] {
    const { ports, allowedOrigins } = this.options;
    return [
      `-dir=${this.directory}`,
      '-ip=127.0.0.1',
      '-ip.bind=127.0.0.1',
      `-s3.port=${ports.s3}`,
      `-master.port=${ports.s3Master}`,
      `-volume.port=${ports.s3Volume}`,
      `-filer.port=${ports.s3Filer}`,
      `-admin.port=${ports.s3Admin}`,
      '-admin.ui=false',
      '-webdav=false',
      '-s3.port.iceberg=0',
      '-s3.port.lance=0',
      '-s3.autoCreateBucket=false',
      `-s3.config=${this.identitiesFile()}`,
      `-s3.allowedOrigins=${allowedOrigins.join(',')}`,
      '-master.telemetry=false',
    ];
  }

  private identitiesFile(): string {
    return join(this.directory, 'identities.json');
  }

  private identities(): object {
    const { s3AccessKeyId, s3SecretAccessKey } = this.options.secrets;
    return {
      identities: [
        {
          name: 'forkpoint',
          credentials: [{ accessKey: s3AccessKeyId, secretKey: s3SecretAccessKey }],
          actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
        },
      ],
    };
  }
}

/**
 * Beside its ports it listens on sockets in /tmp, named by port and nothing else. Those of one that was killed would be
 * connected to; another user's can't even be removed.
 */
function removeStaleSockets(ports: Ports): void {
  const http = { filer: ports.s3Filer, s3: ports.s3 };
  const grpc = { ...http, master: ports.s3Master, volume: ports.s3Volume, admin: ports.s3Admin };
  const names = [
    ...Object.entries(http).map(([part, port]) => `${part}-${port}`),
    ...Object.entries(grpc).map(([part, port]) => `${part}-grpc-${port + GRPC_OFFSET}`),
  ];
  for (const path of names.map((name) => `/tmp/seaweedfs-${name}.sock`)) {
    try {
      rmSync(path, { force: true });
    } catch {
      throw new SetUpError('Starting seaweedfs', `${path} belongs to another user`, {
        remedy: 'have it removed (sudo rm /tmp/seaweedfs-*.sock), or choose other ports: FORKPOINT_PORT_BASE=22000',
      });
    }
  }
}

/** No organization's key begins like this. */
const PROBE = { Bucket: S3_BUCKET, Key: 'health/probe' };

async function bucketExists(client: S3Client): Promise<boolean> {
  return existsAsTold(client.send(new HeadBucketCommand({ Bucket: S3_BUCKET })));
}

async function holdsProbe(client: S3Client): Promise<boolean> {
  return existsAsTold(client.send(new HeadObjectCommand(PROBE)));
}

async function writeProbe(client: S3Client): Promise<void> {
  await client.send(new PutObjectCommand({ ...PROBE, Body: 'The store can be read and written.' }));
}

async function existsAsTold(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return false;
    throw error;
  }
}

export function s3Endpoint(ports: Ports): string {
  return `http://127.0.0.1:${ports.s3}`;
}

function s3Client({ ports, secrets }: SeaweedOptions): S3Client {
  return new S3Client({
    endpoint: s3Endpoint(ports),
    region: S3_REGION,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: secrets.s3AccessKeyId, secretAccessKey: secrets.s3SecretAccessKey },
  });
}
