/**
 * Starts the command `nachweis` (agent/program.ts); `nachweis run`, which stays, without what it does not need.
 *
 * Compiled code is kept beside the dependencies: it halves the time and takes a quarter off the memory of every
 * later start. Whoever can write there can write the code itself, so it is trusted neither more nor less. Where the
 * place can't be written to, or the program is bundled, nothing is kept.
 */
import { enableCompileCache } from 'node:module';
import path from 'node:path';

if (import.meta.dirname?.endsWith(`${path.sep}agent`)) {
  enableCompileCache(path.join(import.meta.dirname, '../node_modules/.cache/nachweis'));
}
// Not static imports: those are compiled before anything runs.
const { residentCall } = await import('./resident-call.ts');
const resident = residentCall(process.argv.slice(2), process.env);
if (resident) {
  const { run } = await import('./commands/run.ts');
  process.exitCode = await run(resident.options, resident.language);
} else {
  await import('./program.ts');
}
