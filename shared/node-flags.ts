/**
 * What Node is told before the agent's script, however it is started: `npm run nachweis` (the script in package.json
 * says the same, by a test), `npm start`, the bench and the executable.
 */
export const nodeFlags: readonly string[] = [
  // An agent lives for a second: a nursery of V8's own size costs 25 MB, what it keeps for speed 15 MB.
  '--max-semi-space-size=1',
  '--optimize-for-size',
  // In MB. Up to there V8 does not clear up the old generation; it did so twice in a round, and found little.
  '--initial-heap-size=40',
  // What runs for a millisecond is not worth being compiled: a fifth of a round went on that, and 10 MB. What really
  // loops (lists of 100 MB) still gets V8's best compiler, and must: without any, asking apt takes 1 s longer.
  '--no-maglev',
  '--invocation-count-for-turbofan=30000',
  '--invocation-count-for-osr=500',
];
