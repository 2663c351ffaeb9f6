import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '#libs/kernel';
import { ObjectStore } from '#platform/storage';
import { testStore } from '#test/harness';
import type { TenantApi } from './tenant-api.fixture.js';

/** What lies below `org/<organization>/`, and of what kind the id is that comes next: whose it is, all below belongs to. */
const FOLDERS: Record<string, string> = {
  checkpoints: 'ckpt',
  compute: 'cjob',
  evaluations: 'suite',
  exports: 'exp',
  files: 'file',
  'fine-tune-jobs': 'ftjob',
  invoices: 'inv',
  preparations: 'prep',
};
const KEY = /^org\/(org_[0-9a-z]{26})\/([a-z-]+)\/(([a-z]+)_[0-9a-z]{26})\/(?!.*(?:^|\/)(?:\.{0,2})(?:\/|$)).+$/;

export interface KeyParts {
  organizationId: string;
  /** The thing that the object belongs to. */
  owner: string;
}

/** The parts of a key of a known form; null for any other. */
export function partsOf(key: string): KeyParts | null {
  const [, organizationId, folder, owner, kind] = KEY.exec(key) ?? [];
  return kind && FOLDERS[folder!] === kind ? { organizationId: organizationId!, owner: owner! } : null;
}

/** The ETag of every object of an organization, by its key. */
export async function objectsOf(api: TenantApi, organizationId: string): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  for await (const { key, etag } of api.get(ObjectStore).list(`org/${organizationId}/`)) objects.set(key, etag);
  return objects;
}

/** How keys may begin, and what lies there. */
export const BEGINNINGS: Record<string, string> = {
  'org/': 'everything that an organization has',
  'health/': 'what is written to see whether the embedded store is ready',
  'harness/': 'what the spec of the test harness stores',
};

/** How keys of the whole bucket begin, up to the first slash after `prefix`: of all that any spec has stored. */
export async function beginningsOf(prefix: string): Promise<string[]> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = testStore();
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  try {
    const beginnings: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
      );
      for (const { Prefix } of page.CommonPrefixes ?? []) beginnings.push(Prefix!.slice(prefix.length));
      for (const { Key } of page.Contents ?? []) beginnings.push(Key!.slice(prefix.length));
      token = page.NextContinuationToken;
    } while (token);
    return beginnings;
  } finally {
    client.destroy();
  }
}

/** Longer than any run of the unit tests takes. */
const RUN_MILLISECONDS = 3600_000;

/** What lies there and is not left from an older run, whose servers and data were kept. */
export async function freshKeys(api: TenantApi, prefixes: readonly string[]): Promise<string[]> {
  const since = systemClock.now().getTime() - RUN_MILLISECONDS;
  const keys: string[] = [];
  for (const prefix of prefixes) {
    for await (const { key, modifiedAt } of api.get(ObjectStore).list(prefix)) {
      if (modifiedAt.getTime() > since) keys.push(key);
    }
  }
  return keys;
}
