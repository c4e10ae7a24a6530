import { defineConfig, mergeConfig } from 'vitest/config';
import main from '../vitest.config.ts';

// Rare paths, and what takes long: crashes, whole lives of runs, unusual places, random histories. CI runs it after `npm test`.
const { include: _, exclude: __, ...shared } = main.test ?? {};
export default mergeConfig(
  { test: shared },
  defineConfig({ test: { include: ['test/long/**/*.test.ts'], testTimeout: 90_000 } }),
);
