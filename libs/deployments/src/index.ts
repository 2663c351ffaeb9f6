export * from './deployment.js';
export {
  findDeployments,
  findRevisions,
  pageOfDeployments,
  pagesOfRevisions,
} from './deployment.repository.js';
export * from './deployment.state.js';
export * from './deployments.errors.js';
export * from './deployments.module.js';
export * from './deployments.service.js';
export * from './serving-status.js';
