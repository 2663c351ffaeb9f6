import { jest } from '@jest/globals';

/** Jest reads `testTimeout` of the whole run alone, not of a project: journeys train models and start engines. */
jest.setTimeout(600_000);
