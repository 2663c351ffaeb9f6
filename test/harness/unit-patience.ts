import { jest } from '@jest/globals';

/** For what hangs: on a slow or crowded machine a spec takes many times its second, and is no worse for it. */
jest.setTimeout(180_000);
