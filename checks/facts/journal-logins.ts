/**
 * Logins through sshd as the journal has them: the only trace of those without a terminal where no syslog writes
 * auth.log (Debian 12 and newer). Asked only where the records leave an account with a shell without a login.
 */
import { journalLogins as command } from '../commands.ts';
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';
import { type LastLogin, loginRecords } from './last-login.ts';
import { byName, hasLoginShell } from './login-shell.ts';
import { passwd } from './passwd.ts';

export const JOURNAL = 'journalctl _UID=0 _COMM=sshd';
/** As in the command. */
export const MAX_ENTRIES = 20_000;
const DAYS = 90;

/** By account. Absent where it need not or can not be asked; unreadable where there is more than is looked at. */
export const journalLogins = defineFact<ReadonlyMap<string, LastLogin>>({
  id: 'journal-logins',
  collect: async (host, get, now): Promise<Fact<ReadonlyMap<string, LastLogin>>> => {
    if (!host.live) return absent(JOURNAL);
    const [records, accounts] = await Promise.all([get(loginRecords), get(passwd)]);
    if (records.state !== 'known' || accounts.state !== 'known') return absent(JOURNAL);
    const begin = now.getTime() / 1000 - DAYS * 86_400;
    const undecided = byName(accounts.value.entries).some((entry) => {
      const { byName: names, byUid } = records.value;
      const last = Math.max(names.get(entry.name)?.at ?? 0, byUid.get(entry.uid)?.at ?? 0);
      return entry.uid !== 0 && hasLoginShell(entry) && last < begin;
    });
    if (!undecided) return absent(JOURNAL);
    const answer = await host.run(command, []);
    // Status 1: nothing was found.
    if (answer.state !== 'known' || answer.value.status > 1) return absent(JOURNAL);
    const { logins, entries } = parseJournal(answer.value.stdout);
    return entries >= MAX_ENTRIES ? unreadable(JOURNAL, tooMany) : known(logins);
  },
});

/** Pure. One JSON object a line, as `journalctl -o json` prints it; lines that are none are passed over. */
export function parseJournal(text: string): {
  readonly logins: ReadonlyMap<string, LastLogin>;
  readonly entries: number;
} {
  const logins = new Map<string, LastLogin>();
  let entries = 0;
  for (const line of text.split('\n')) {
    const entry = parsed(line);
    if (!entry) continue;
    entries += 1;
    const user = /^Accepted \S+ for (\S+) from /.exec(String(entry.MESSAGE))?.[1];
    const at = Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1_000_000);
    if (user === undefined || !Number.isSafeInteger(at)) continue;
    if (at > (logins.get(user)?.at ?? 0)) logins.set(user, { at, source: JOURNAL });
  }
  return { logins, entries };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const tooMany = {
  en: `the journal holds ${MAX_ENTRIES} logins or more: not all were looked at`,
  de: `das Journal enthält mindestens ${MAX_ENTRIES} Anmeldungen: nicht alle wurden angesehen`,
};
