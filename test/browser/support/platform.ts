/** What any client of the platform under test is told: a variable of demo.env, or of the lab's own people. */
export function client(name: string): string {
  const text = process.env['FORKPOINT_BROWSER_PLATFORM'];
  if (!text) throw new Error('no platform runs: run browser tests with npm run test:browser');
  const value = (JSON.parse(text) as Record<string, string>)[name];
  if (value === undefined) throw new Error(`${name} is not among what the platform's clients are told`);
  return value;
}

export interface User {
  email: string;
  password: string;
}

/** A seeded user, by the name its variables have: PARTNER_ENGINEER, PARTNER_ADMIN, OTHER_PARTNER_ADMIN; of the lab ADMIN, OPERATOR and LAB_APPROVER. */
export function user(role: string): User {
  return { email: client(`FORKPOINT_${role}_EMAIL`), password: client(`FORKPOINT_${role}_PASSWORD`) };
}
