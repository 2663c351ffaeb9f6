import { CSPProvider } from '@base-ui/react/csp-provider';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './router';

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
const root = createRoot(container);
const portal = (
  <StrictMode>
    {/* The pages' policy allows no style elements; what these would say is in styles.css. */}
    <CSPProvider disableStyleElements>
      <RouterProvider router={router} />
    </CSPProvider>
  </StrictMode>
);
// What index.html shows stays until there is a page to put in its place; that is made in slices, between which input is heard.
setTimeout(() => router.load().then(() => startTransition(() => root.render(portal))));
