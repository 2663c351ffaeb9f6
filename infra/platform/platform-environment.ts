import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type Environment, embeddedEnvironment, type Secrets } from '../embedded/index.js';
import { type PlatformSettings, publicOrigin } from './settings.js';

/** The environment of the platform's processes: by these variables alone they would find managed services elsewhere. */
export function platformEnvironment(settings: PlatformSettings, secrets: Secrets): Environment {
  const { ports, home } = settings;
  return {
    ...embeddedEnvironment({ ports, secrets }),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    GATEWAY_PORT: String(ports.gateway),
    API_PORT: String(ports.api),
    API_INTERNAL_PORT: String(ports.apiInternal),
    WORKER_PORT: String(ports.worker),
    PUBLIC_ORIGIN: publicOrigin(settings),
    PORTAL_DIRECTORY: resolve('dist/portal'),
    PERSISTED_OPERATIONS: resolve('docs/generated/portal-operations.json'),
    ENGINE_API_KEY: secrets.engineToken,
    ENGINE_PORT_FIRST: String(ports.engines.first),
    ENGINE_PORT_COUNT: String(ports.engines.last - ports.engines.first + 1),
    ENGINE_PYTHON: join(settings.pythonEnvironment, 'bin', 'python'),
    TRAINER_PYTHON: join(settings.pythonEnvironment, 'bin', 'python'),
    // A trainer takes one thread.
    LOCAL_DRIVER_SLOTS: String(Math.max(1, Math.min(4, availableParallelism()))),
    // Ctrl-C ends trainers too: they save first, and go on at the next start.
    FORKPOINT_STOP_JOBS: '1',
    FORKPOINT_HOME: home.root,
  };
}

/** Our variables over those of the shell, whose PATH and proxies processes may need; none of Node's own flags. */
export function withShell(environment: Environment): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...shell } = process.env;
  return { ...shell, ...environment };
}
