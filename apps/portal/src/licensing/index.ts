export { UnmetLicense } from './unmet-license';
