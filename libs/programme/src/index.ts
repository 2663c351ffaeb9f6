export * from './programme.js';
export * from './programme.module.js';
export * from './programme.service.js';
