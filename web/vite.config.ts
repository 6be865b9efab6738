import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Everything is a file of its own: the server's policy runs nothing that stands in the page.
export default defineConfig({
  plugins: [react()],
  base: '/',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/openapi': 'http://127.0.0.1:8080' } },
});
