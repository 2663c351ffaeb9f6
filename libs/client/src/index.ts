export * from './errors.js';
export * from './graphql-client.js';
export * from './poll.js';
export * from './sign-in.js';
export * from './upload.js';
