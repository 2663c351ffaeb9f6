export * from './connection.js';
export * from './context.js';
export * from './graphql.module.js';
export * from './input.pipe.js';
export * from './limits.js';
export * from './mutation.js';
export * from './node.js';
export * from './scalars.js';
