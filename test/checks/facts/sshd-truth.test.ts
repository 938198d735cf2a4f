/** The reader of sshd_config against the real sshd: generated configurations, effective values compared one by one. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGroup } from '../../../checks/facts/group.ts';
import { parsePasswd } from '../../../checks/facts/passwd.ts';
import { accountsOf } from '../../../checks/facts/sshd-accounts.ts';
import { readConfiguration } from '../../../checks/facts/sshd-config.ts';
import { parseDump, sameValue, toldValue } from '../../../checks/facts/sshd-dump.ts';
import { collectFiles } from '../../../checks/facts/sshd-files.ts';
import { comparableKeywords } from '../../../checks/facts/sshd-keywords.ts';
import { parseVersion } from '../../../checks/facts/sshd-version.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { type GeneratedCase, generate } from './sshd-generate.ts';
import { hasSshd, type Laboratory, laboratory, SSHD, withRunDirectory } from './sshd-real.ts';

const CASES = 400;
const SEED = 20_260_615;

/** Asks sshd about every login of every case, in one process per question and one shell for all. */
const SCRIPT = `
cd "$1"
for case in case*; do
  number=0
  while read -r login; do
    ${SSHD} -T -f "$1/$case/sshd_config" -h "$2" -C "$login" >"$case/$number.out" 2>"$case/$number.err" </dev/null
    echo $? >"$case/$number.status"
    number=$((number + 1))
  done <"$case/logins"
done`;

describe.skipIf(!hasSshd)(
  'the reader agrees with the real sshd (needs root, /usr/sbin/sshd and ssh-keygen)',
  () => {
    let lab: Laboratory;
    let cases: readonly GeneratedCase[];
    const version = parseVersion(spawnSync(SSHD, ['-V'], { encoding: 'utf8' }).stderr) ?? {
      major: 0,
      minor: 0,
    };
    const groupsOf = accountsOf(
      parsePasswd(readFileSync('/etc/passwd', 'latin1')),
      parseGroup(readFileSync('/etc/group', 'latin1')),
    );
    const directoryOf = (number: number) => join(lab.directory, `case${number}`);

    beforeAll(() => {
      lab = laboratory();
      cases = Array.from({ length: CASES }, (_, number) => generate(SEED + number, directoryOf(number)));
      for (const [number, { files, logins }] of cases.entries()) {
        for (const [name, text] of Object.entries(files)) {
          const path = join(directoryOf(number), name);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, text, 'latin1');
        }
        const specs = logins.map(
          ({ user, host, addr, laddr, lport }) =>
            `user=${user},host=${host},addr=${addr},laddr=${laddr},lport=${lport},rdomain=`,
        );
        writeFileSync(join(directoryOf(number), 'logins'), `${specs.join('\n')}\n`);
      }
      const [program, args] = withRunDirectory(['sh', '-c', SCRIPT, 'sh', lab.directory, lab.hostKey]);
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    }, 300_000);
    afterAll(() => lab?.remove());

    it(`${CASES} generated configurations, five logins each`, async () => {
      const seen = { read: 0, refused: 0, unsure: 0, values: 0, inMatch: 0 };
      const differences: string[] = [];
      for (const [number, { files, logins }] of cases.entries()) {
        const directory = directoryOf(number);
        const host = memoryHost({
          files: Object.fromEntries(
            Object.entries(files).map(([name, text]) => [join(directory, name), text]),
          ),
        });
        const snapshot = await collectFiles(host, join(directory, 'sshd_config'));
        const reading = readConfiguration(snapshot, { version, vendor: 'other' });
        seen[reading.state] += 1;
        for (const [index, login] of logins.entries()) {
          const file = (kind: string) => readFileSync(join(directory, `${index}.${kind}`), 'utf8');
          const accepted = file('status').trim() === '0';
          const where = `case ${number} (seed ${SEED + number}) ${JSON.stringify(login)}`;
          if (reading.state === 'unsure') continue;
          const account = groupsOf.find(({ name }) => name === login.user);
          const principal = { ...login, groups: account?.groups, rdomain: '' };
          const refusal = reading.state === 'read' ? reading.configuration.refusal(principal) : reading.words;
          if ((refusal === undefined) !== accepted) {
            const ours =
              reading.state === 'refused'
                ? `refused ${reading.source}:${reading.line} ${reading.words}`
                : 'read';
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
      expect(differences.slice(0, 5)).toEqual([]);
      // The cases must be worth something: enough of each kind, and values that a Match block decides.
      expect(seen.read).toBeGreaterThan(200);
      expect(seen.refused).toBeGreaterThan(60);
      expect(seen.unsure).toBeLessThan(12);
      expect(seen.inMatch).toBeGreaterThan(1_000);
    }, 120_000);
  },
);

/** Debian has brought one name of a key exchange into its 9.2, others have not. */
const plain = (value: string): string => value.replace(/(?<=^|,)sntrup761x25519-sha512,/, '');

/** sshd names the line in all but a few refusals. */
function sameRefusal(line: number | undefined, words: string): boolean {
  const named = [...words.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
  return line === undefined || named.length === 0 || named.includes(line);
}
