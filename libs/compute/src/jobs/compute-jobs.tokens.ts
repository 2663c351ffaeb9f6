export const COMPUTE_LOGGER = Symbol('ComputeLogger');
