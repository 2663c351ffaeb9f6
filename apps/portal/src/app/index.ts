export type { NavigationEntry } from './navigation';
export { paths } from './paths';
export { shellRoute } from './routes';
export type { ScreenModule } from './screens';
export { type Permission, type Project, type Session, useProject, useSession } from './session';
export { useShownTheme } from './theme';
export { useWhyNot } from './why-not';
