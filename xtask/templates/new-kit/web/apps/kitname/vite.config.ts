import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [sveltekit()],
  build: {
    // Everything stays a file of its own: the content security policy knows no `data:` fonts.
    assetsInlineLimit: 0,
  },
  server: {
    // In development the pages come from here and everything else from the real server.
    proxy: Object.fromEntries(
      ['/api', '/theme.css', '/manifest.webmanifest', '/icons'].map((path) => [path, { target: 'http://localhost:8080', changeOrigin: false }]),
    ),
  },
});
