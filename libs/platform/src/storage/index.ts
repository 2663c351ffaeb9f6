export * from './object-store.js';
export * from './requests.js';
export * from './storage.errors.js';
export * from './storage.module.js';
export * from './upload-stream.js';
