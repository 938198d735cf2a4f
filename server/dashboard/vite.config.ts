/** Builds the pages of the dashboard into dist/dashboard, where the collector serves them from. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('./ui'),
  cacheDir: path('../../node_modules/.vite'),
  plugins: [react()],
  build: {
    outDir: path('../../dist/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    // The page's policy allows no inline code and no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
});
