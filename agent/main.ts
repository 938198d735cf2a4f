/**
 * Starts the command `nachweis` (agent/start.ts) from its sources.
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
// Not a static import: those are compiled before anything runs.
const { start } = await import('./start.ts');
await start();
