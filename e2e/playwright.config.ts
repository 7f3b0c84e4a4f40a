import { defineConfig } from 'playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../build/e2e',
  timeout: 60_000,
  // two cores are enough for two apps; each test has an app and a profile of its own
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
});
