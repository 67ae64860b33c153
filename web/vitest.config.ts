import { defineConfig } from 'vitest/config';

// Unit tests cover the plain TypeScript logic; what a person sees and does is proven by `e2e`.
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
    environment: 'node',
  },
});
