export { UnmetLicense } from './unmet-license';
export { whyNotEntitled } from './why-not-entitled';
