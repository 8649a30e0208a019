import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // A VS Code each: two at once would be slower than one after the other.
    fileParallelism: false,
    // One session of work: a step that fails makes those after it meaningless.
    bail: 1,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
