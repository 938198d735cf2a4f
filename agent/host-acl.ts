/**
 * POSIX ACLs (acl(5)) without a library: Node has no getxattr.
 *
 * On a file with an ACL the group bits of its mode are the mask: no named user or group gets more than they show.
 * So where they show no more than everybody has anyway, an ACL can add nothing and nothing is asked. For the few
 * files left `ls` says whether there is an ACL at all; only then `getfacl` (package acl, often not installed) is
 * needed, and without it the entries are unreadable. Systems without ACLs never miss it.
 * NFSv4 ACLs are not seen by either.
 */
import { aclEntries, aclPresent } from '../checks/commands.ts';
import { type Fact, known, unreadable } from '../checks/fact.ts';
import type { Text } from '../shared/outcome.ts';
import type { CommandRunner } from './host-command.ts';
import { throughFd } from './host-path.ts';

export interface AclReader {
  /** @param fd pinned; @param mode its st_mode; @returns entries such as `user:1001:rw-`, ids numeric */
  read(path: string, fd: number, mode: number): Promise<Fact<readonly string[]>>;
}

export function aclReader(runner: CommandRunner): AclReader {
  const marks = markReader(runner);
  return {
    async read(path, fd, mode) {
      const group = (mode >> 3) & 0o7;
      const other = mode & 0o7;
      if ((group & ~other) === 0) return known([]);
      const pinned = throughFd(fd, process.pid);
      const marked = await marks(pinned);
      if (marked === undefined) return unreadable(path, notAsked(path));
      if (!marked) return known([]);
      const entries = await runner.run(aclEntries, [pinned]);
      if (entries.state !== 'known' || entries.value.status !== 0) return unreadable(path, noGetfacl(path));
      return known(parseAcl(entries.value.stdout));
    },
  };
}

/** Whether a file has an ACL, undefined where that can't be told. Those who ask at the same time share one program. */
function markReader(runner: CommandRunner): (pinned: string) => Promise<boolean | undefined> {
  const waiting: { pinned: string; tell: (marked: boolean | undefined) => void }[] = [];
  async function ask(): Promise<void> {
    const asked = waiting.splice(0, aclPresent.maxArguments);
    if (waiting.length > 0) setImmediate(ask);
    const paths = asked.map(({ pinned }) => pinned);
    const listing = await runner.run(aclPresent, paths).catch(() => undefined);
    const lines = listing?.state === 'known' ? listing.value.stdout.split('\n') : [];
    for (const { pinned, tell } of asked)
      tell(aclMark(lines.find((line) => line.endsWith(` ${pinned}`)) ?? ''));
  }
  return (pinned) =>
    new Promise((tell) => {
      waiting.push({ pinned, tell });
      if (waiting.length === 1) setImmediate(ask);
    });
}

/** Pure. Whether the one line of `ls -dln` has a `+`; undefined when it is no such line. */
export function aclMark(listing: string): boolean | undefined {
  const match = /^[-bcCdDlMnpPs?](?:[-rwxsStT]{9})([+.@]?) /.exec(listing);
  return match ? match[1] === '+' : undefined;
}

/** Pure. Named entries of `getfacl -acnp`, with what the mask leaves of them; those with no right are left out. */
export function parseAcl(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(user|group):(\d+):([r-][w-][x-])(?:\s+#effective:([r-][w-][x-]))?/.exec(line);
    const rights = match?.[4] ?? match?.[3];
    return match && rights !== '---' ? [`${match[1]}:${match[2]}:${rights}`] : [];
  });
}

const notAsked = (path: string): Text => ({
  en: `whether ${path} has an ACL could not be asked`,
  de: `ob ${path} eine ACL hat, ließ sich nicht feststellen`,
});
const noGetfacl = (path: string): Text => ({
  en: `${path} has an ACL, which only getfacl can show (package acl)`,
  de: `${path} hat eine ACL, die nur getfacl anzeigen kann (Paket acl)`,
});
