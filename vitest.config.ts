import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Several tests start real programs (sshd, restic, apt-get, Chromium) on a small machine: this ends what hangs, no more.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // The default leaves one processor alone: on two that is a suite of twice the time. Files share nothing but caches with locks.
    maxWorkers: '100%',
    reporters: ['default'],
  },
});
