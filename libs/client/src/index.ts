export * from './errors.js';
export * from './graphql-client.js';
export * from './http.js';
export * from './operation.js';
export * from './poll.js';
export * from './presigned.js';
export * from './sign-in.js';
export * from './upload.js';
