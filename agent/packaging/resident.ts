/**
 * What the single executable runs of `nachweis run`: a script of its own, 40 KB instead of the whole program, because
 * it stays in memory for as long as the machine is up.
 */
import { run } from '../commands/run.ts';
import { residentCall } from '../resident-call.ts';

/** @returns false for every other call: then nothing was done */
export function main(): boolean {
  const call = residentCall(process.argv.slice(2), process.env);
  if (!call) return false;
  void run(call.options, call.language).then((status) => {
    process.exitCode = status;
  });
  return true;
}
