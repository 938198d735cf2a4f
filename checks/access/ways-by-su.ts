/** Ways to root by su(1). Pure. */
import type { Fact } from '../fact.ts';
import type { GroupFile } from '../facts/group.ts';
import type { PamConfiguration } from '../facts/pam.ts';
import type { PasswdFile } from '../facts/passwd.ts';
import type { ShadowFile } from '../facts/shadow.ts';
import { suBarriers, suGroupMembers, suGroupOf, suTrusted } from '../facts/su-barrier.ts';
import type { WayToRoot } from './ways-to-root.ts';

const SU = ['su', 'su-l'] as const;

/**
 * Whom su(1) makes root. Without root's password: whoever pam_wheel trusts. With it: where only some may try, being let
 * try is a right of its own; where everybody may, the password alone decides, and that is root's own way in. Accounts
 * that may become root by other means anyway (`whole`) need no word for this one.
 */
export function bySu(
  pam: PamConfiguration,
  shadow: Fact<ShadowFile> | undefined,
  passwd: PasswdFile,
  group: GroupFile,
  whole: ReadonlySet<string>,
): readonly WayToRoot[] {
  const services = SU.filter((name) => pam.files.has(name));
  const barriers = services.map((service) => suBarriers(pam, service));
  const usable = rootHasPassword(passwd, shadow);
  const limited =
    barriers.includes(undefined) || usable === false ? [] : barriers.flatMap((one) => one ?? []);
  const tries = limited.flatMap((line) => {
    const name = suGroupOf(line, group);
    const what = { en: `su to root, by group ${name}`, de: `su zu root, über Gruppe ${name}` };
    return suGroupMembers(name, group, passwd)
      .filter((account) => !whole.has(account))
      .map((account) => ({ account, line, what, certain: usable === true }));
  });
  const trusts = services.flatMap((service) =>
    suTrusted(pam, service, group, passwd).map(({ account, line, certain }) => ({
      account,
      line,
      what: { en: 'su to root without a proof', de: 'su zu root ohne Nachweis' },
      certain,
    })),
  );
  const seen = new Map<string, WayToRoot>();
  for (const { account, line, what, certain } of [...trusts, ...tries])
    if (!seen.has(`${account} ${line.file}:${line.line}`))
      seen.set(`${account} ${line.file}:${line.line}`, {
        account,
        privilege: 'su',
        source: line.file,
        line: line.line,
        what,
        certain,
      });
  return [...seen.values()];
}

/** Undefined: not told. */
function rootHasPassword({ entries }: PasswdFile, shadow: Fact<ShadowFile> | undefined): boolean | undefined {
  const inPasswd = entries.find(({ uid }) => uid === 0)?.password;
  if (!inPasswd || inPasswd.kind === 'none') return false;
  const name = entries.find(({ uid }) => uid === 0)?.name;
  if (inPasswd.kind === 'shadow' && shadow?.state !== 'known') return undefined;
  const field =
    inPasswd.kind === 'shadow' && shadow?.state === 'known'
      ? shadow.value.entries.find((one) => one.name === name)?.password
      : inPasswd;
  return field?.kind === 'empty' || (field?.kind === 'hash' && !field.locked);
}
