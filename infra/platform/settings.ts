import { resolve } from 'node:path';
import { DEFAULT_PORT_BASE, type Ports, portsFrom, pythonEnvironment } from '../embedded/index.js';
import { type RuntimeHome, runtimeHome } from '../processes/index.js';

/** What a person may choose about a platform on one machine; the rest follows from it. */
export interface PlatformSettings {
  home: RuntimeHome;
  ports: Ports;
  /** Where the base lineage lies. It belongs to the checkout rather than to a home: it is the same for all of them. */
  lineage: string;
  /** False leaves the platform empty: no lineage is trained and published, so there is nothing to demonstrate either. */
  seeded: boolean;
  pythonEnvironment: string;
  administratorEmail: string;
  /** Publishes checkpoints and grants entitlements. */
  operatorEmail: string;
}

export function platformSettings(environment: NodeJS.ProcessEnv = process.env): PlatformSettings {
  return {
    home: runtimeHome(environment['FORKPOINT_HOME'] ?? '.forkpoint'),
    ports: portsFrom(Number(environment['FORKPOINT_PORT_BASE'] ?? DEFAULT_PORT_BASE)),
    lineage: resolve(environment['FORKPOINT_LINEAGE'] ?? '.forkpoint/lineage'),
    seeded: environment['FORKPOINT_SEED'] !== 'none',
    pythonEnvironment: pythonEnvironment(),
    administratorEmail: environment['FORKPOINT_ADMIN_EMAIL'] ?? 'admin@lab.example',
    operatorEmail: environment['FORKPOINT_OPERATOR_EMAIL'] ?? 'operator@lab.example',
  };
}

export function publicOrigin({ ports }: PlatformSettings): string {
  return `http://127.0.0.1:${ports.gateway}`;
}
