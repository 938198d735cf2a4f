/** What the single executable of the collector runs. */
import { main as run } from '../main.ts';

export async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2));
}
