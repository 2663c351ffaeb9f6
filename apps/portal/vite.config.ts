import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { preloadStart } from './build/preload.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
/** Where a platform runs, for `npm run dev:portal`. */
const platform = process.env['FORKPOINT_ORIGIN'] ?? 'http://127.0.0.1:21000';

/** The api compares the Origin of a request with its own; a page of the development server has another one. */
const asOwnPage = { target: platform, changeOrigin: true, headers: { origin: platform } };

export default defineConfig({
  root,
  plugins: [react(), tailwindcss(), preloadStart()],
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      '/graphql': { ...asOwnPage, ws: true, rewriteWsOrigin: true },
      '/auth': asOwnPage,
      '/v1': asOwnPage,
    },
  },
  build: {
    outDir: fileURLToPath(new URL('../../dist/portal', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // Pictures as files: the pages' policy lets data: be used for what people choose, not for what we ship.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'preload', test: /vite\/preload-helper/, priority: 3 },
            // What every page needs, in as few files as there are tasks that begin it (src/main.tsx): each file is a request.
            { name: 'react', test: /\/node_modules\/(react|react-dom|scheduler)\//, priority: 2 },
            {
              name: 'router',
              test: /\/node_modules\/@tanstack\/(react-router|router-core|history|react-store|store)\//,
              priority: 2,
            },
            { name: 'start', test: /\/apps\/portal\/src\/app\/start\.tsx$/, priority: 1 },
          ],
        },
      },
      // What a page does not use of src/ui/index.ts and its like is not loaded with it.
      treeshake: { moduleSideEffects: [{ test: /\/apps\/portal\/src\/.*\/index\.ts$/, sideEffects: false }] },
    },
  },
});
