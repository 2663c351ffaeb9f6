import type { AnyRoute } from '@tanstack/react-router';
import type { NavigationEntry } from './navigation';

/** What a folder of src/screens tells the rest of the portal, in its `route.ts`. */
export interface ScreenModule {
  routes: AnyRoute[];
  navigation?: NavigationEntry[];
}

/** Every folder of src/screens: one is added by being there. The pages themselves are loaded when somebody goes there. */
const modules = Object.values(import.meta.glob<ScreenModule>('../screens/*/route.ts', { eager: true }));

export const screenRoutes = modules.flatMap(({ routes }) => routes);
export const navigation = modules
  .flatMap((screen) => screen.navigation ?? [])
  .sort((left, right) => left.order - right.order);
