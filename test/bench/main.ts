/** `npm run bench -- NAME [options]`: measures; asserts nothing. */
const benches: Readonly<Record<string, () => Promise<{ bench(args: readonly string[]): Promise<void> }>>> = {
  agent: () => import('./agent.ts'),
  check: () => import('./check.ts'),
  patch: () => import('./patch.ts'),
  pam: () => import('./pam.ts'),
  backup: () => import('./backup.ts'),
  wire: () => import('./wire.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (load) {
  await (await load()).bench(args);
} else {
  process.stderr.write(`npm run bench -- ${Object.keys(benches).join('|')} [--runs N]\n`);
  process.exitCode = 2;
}
