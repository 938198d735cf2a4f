import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Several tests start real programs (sshd, restic, apt-get, Chromium) on a small machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The default leaves one processor alone: on two that is a suite of twice the time. Files share nothing but caches with locks.
    maxWorkers: '100%',
    reporters: ['default'],
  },
});
