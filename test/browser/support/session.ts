import type { BrowserContext } from '@playwright/test';
import { signIn } from '#libs/client';
import { client, type User, user } from './platform.js';
import { MADE_ROLES, type MadeRole, madeUser } from './world.js';

/** Who may be in front of the portal: seeded users and people of the lab by their variables, and those made for tests. */
export type Role =
  | 'PARTNER_ENGINEER'
  | 'PARTNER_ADMIN'
  | 'OTHER_PARTNER_ADMIN'
  /** Of the lab. */
  | 'OPERATOR'
  | 'ADMIN'
  | MadeRole;

interface Cookie {
  name: string;
  value: string;
}

const sessions = new Map<Role, Promise<Cookie[]>>();

/** In place of whoever was signed in. The session is shared: tests that end it sign in by themselves. */
export async function actAs(context: BrowserContext, role: Role | null): Promise<void> {
  const cookies = role ? await sessionOf(role) : [];
  await context.clearCookies();
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: client('FORKPOINT_ORIGIN') })));
}

export function userOf(role: Role): User | Promise<User> {
  return role in MADE_ROLES ? madeUser(role as MadeRole) : user(role);
}

function sessionOf(role: Role): Promise<Cookie[]> {
  const known = sessions.get(role) ?? begin(role);
  sessions.set(role, known);
  return known;
}

async function begin(role: Role): Promise<Cookie[]> {
  const { email, password } = await userOf(role);
  const { credentials } = await signIn(client('FORKPOINT_ORIGIN'), email, password);
  return credentials.cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
}
