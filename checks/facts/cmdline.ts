/** The kernel's command line: /proc/cmdline on a running system, kernel-command-line(7). */
import { defineFact, mapFact } from '../fact.ts';

export const CMDLINE = '/proc/cmdline';

export interface CmdlineParameter {
  readonly key: string;
  /** Absent for a bare word. */
  readonly value?: string;
}

/** Pure, never throws. Double quotes hold blanks together; what stands behind `--` is for init and left out. */
export function parseCmdline(text: string): CmdlineParameter[] {
  const parameters: CmdlineParameter[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    const plain = word.replaceAll('"', '');
    if (plain === '--') break;
    const at = plain.indexOf('=');
    parameters.push(at < 0 ? { key: plain } : { key: plain.slice(0, at), value: plain.slice(at + 1) });
  }
  return parameters;
}

/** Absent on an unpacked system. */
export const cmdline = defineFact<readonly CmdlineParameter[]>({
  id: 'cmdline',
  collect: async (host) =>
    mapFact(await host.readText(CMDLINE, { maxBytes: 64 * 1024, encoding: 'latin1' }), ({ text }) =>
      parseCmdline(text),
    ),
});
