import { chownSync } from 'node:fs';
import type { Account } from './postgres-account.js';

/** Hands files to the account a server runs as; where it runs as ourselves there is nothing to hand over. */
export function chownForAccount(paths: readonly string[], account: Account | undefined): void {
  if (!account) return;
  for (const path of paths) chownSync(path, account.uid, account.gid);
}
