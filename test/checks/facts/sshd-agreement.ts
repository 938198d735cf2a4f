/** Generated configurations, put to an sshd and to our own reader: where do the two differ? */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseGroup } from '../../../checks/facts/group.ts';
import { parsePasswd } from '../../../checks/facts/passwd.ts';
import { accountsOf } from '../../../checks/facts/sshd-accounts.ts';
import { readConfiguration } from '../../../checks/facts/sshd-config.ts';
import { parseDump, sameValue, toldValue } from '../../../checks/facts/sshd-dump.ts';
import { collectFiles } from '../../../checks/facts/sshd-files.ts';
import { comparableKeywords } from '../../../checks/facts/sshd-keywords.ts';
import type { SshdVersion } from '../../../checks/facts/sshd-version.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { type GeneratedCase, generate } from './sshd-generate.ts';
import { SSHD } from './sshd-real.ts';

export const CASES = 400;
const SEED = 20_260_615;

/** Asks sshd about every login of every case, in one process per question and one shell for all. Arguments: directory, host key. */
export const SCRIPT = `
cd "$1"
for case in case*; do
  number=0
  while read -r login; do
    ${SSHD} -T -f "$1/$case/sshd_config" -h "$2" -C "$login" >"$case/$number.out" 2>"$case/$number.err" </dev/null
    echo $? >"$case/$number.status"
    number=$((number + 1))
  done <"$case/logins"
done`;

/** Where the files lie, for us and for the sshd (which may see another root directory). */
export interface Place {
  readonly outside: string;
  readonly inside: string;
}

/** Writes all cases. */
export function writeCases({ outside, inside }: Place): readonly GeneratedCase[] {
  const cases = Array.from({ length: CASES }, (_, number) =>
    generate(SEED + number, join(inside, `case${number}`)),
  );
  for (const [number, { files, logins }] of cases.entries()) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(join(outside, `case${number}`), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, 'latin1');
    }
    const specs = logins.map(
      ({ user, host, addr, laddr, lport }) =>
        `user=${user},host=${host},addr=${addr},laddr=${laddr},lport=${lport},rdomain=`,
    );
    writeFileSync(join(join(outside, `case${number}`), 'logins'), `${specs.join('\n')}\n`);
  }
  return cases;
}

export interface Agreement {
  readonly seen: { read: number; refused: number; unsure: number; values: number; inMatch: number };
  readonly differences: readonly string[];
}

/** @param root where /etc/passwd and /etc/group of that sshd lie, `` for this machine */
export async function compare(
  cases: readonly GeneratedCase[],
  { outside, inside }: Place,
  version: SshdVersion,
  root = '',
): Promise<Agreement> {
  const groupsOf = accountsOf(
    parsePasswd(readFileSync(`${root}/etc/passwd`, 'latin1')),
    parseGroup(readFileSync(`${root}/etc/group`, 'latin1')),
  );
  const seen = { read: 0, refused: 0, unsure: 0, values: 0, inMatch: 0 };
  const differences: string[] = [];
  for (const [number, { files, logins }] of cases.entries()) {
    const directory = join(inside, `case${number}`);
    const host = memoryHost({
      files: Object.fromEntries(Object.entries(files).map(([name, text]) => [join(directory, name), text])),
    });
    const snapshot = await collectFiles(host, join(directory, 'sshd_config'));
    const reading = readConfiguration(snapshot, { version, vendor: 'other' });
    seen[reading.state] += 1;
    for (const [index, login] of logins.entries()) {
      const file = (kind: string) => readFileSync(join(outside, `case${number}`, `${index}.${kind}`), 'utf8');
      const accepted = file('status').trim() === '0';
      const where = `case ${number} (seed ${SEED + number}) ${JSON.stringify(login)}`;
      // sshd 10.0 crashes on some files (Subsystem in a Match block).
      if (reading.state === 'unsure' || file('err').includes('Segmentation fault')) continue;
      const account = groupsOf.find(({ name }) => name === login.user);
      const principal = { ...login, groups: account?.groups, rdomain: '' };
      const refusal = reading.state === 'read' ? reading.configuration.refusal(principal) : reading.words;
      if ((refusal === undefined) !== accepted) {
        const ours =
          reading.state === 'refused' ? `refused ${reading.source}:${reading.line} ${reading.words}` : 'read';
        differences.push(`${where}: ${ours}, sshd ${accepted ? 'reads it' : file('err')}`);
        continue;
      }
      if (reading.state !== 'read') {
        if (!sameRefusal(reading.line, file('err')))
          differences.push(`${where}: line ${reading.line}, sshd: ${file('err')}`);
        continue;
      }
      if (refusal !== undefined) continue;
      const dump = parseDump(file('out'));
      for (const keyword of comparableKeywords) {
        const truth = toldValue(dump, keyword);
        if (truth === undefined) continue;
        const setting = reading.configuration.effective(principal, keyword);
        seen.values += 1;
        if (setting?.match !== undefined) seen.inMatch += 1;
        if (setting === undefined || !sameValue(keyword, plain(setting.value), plain(truth)))
          differences.push(`${where}: ${keyword} read ${JSON.stringify(setting)}, sshd ${truth}`);
      }
    }
  }
  return { seen, differences };
}

/** Debian has brought one name of a key exchange into its 9.2, others have not. */
const plain = (value: string): string => value.replace(/(?<=^|,)sntrup761x25519-sha512,/, '');

/** sshd names the line in all but a few refusals. */
function sameRefusal(line: number | undefined, words: string): boolean {
  const named = [...words.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
  return line === undefined || named.length === 0 || named.includes(line);
}
