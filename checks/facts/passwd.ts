/** The accounts of /etc/passwd, passwd(5), as the C library reads them. One parser for all families. */
import { defineFact, mapFact } from '../fact.ts';
import { accountLines, isNetworkName, type MalformedLine, malformed, parseId } from './account-file.ts';
import { type PasswordField, parsePasswordField } from './password-field.ts';

export const PASSWD = '/etc/passwd';

export interface PasswdEntry {
  readonly line: number;
  readonly name: string;
  readonly password: PasswordField;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** What `umask=` in the comment field says, which pam_umask(8) goes by; the rest of the field is not kept. */
  readonly umask?: string;
}

export interface NetworkEntry {
  readonly line: number;
  /** As written: `+`, `+name`, `-name`, `+@netgroup`. */
  readonly name: string;
  readonly password: PasswordField;
}

export interface PasswdFile {
  readonly entries: readonly PasswdEntry[];
  readonly network: readonly NetworkEntry[];
  readonly malformed: readonly MalformedLine[];
}

const umaskOf = (comment: string): string | undefined =>
  comment
    .split(',')
    .findLast((part) => /^umask=/i.test(part))
    ?.slice('umask='.length, 'umask='.length + 8);

/** Pure, never throws. The comment field (names, telephone numbers) is not kept. */
export function parsePasswd(text: string): PasswdFile {
  const entries: PasswdEntry[] = [];
  const network: NetworkEntry[] = [];
  const broken: MalformedLine[] = [];
  for (const found of accountLines(text)) {
    const [name = '', secret = '', uidText = '', gidText = '', comment = '', home = '', ...shell] =
      found.fields;
    const password = parsePasswordField(secret, 'passwd');
    if (isNetworkName(name)) {
      network.push({ line: found.line, name, password });
      continue;
    }
    const uid = parseId(uidText);
    const gid = parseId(gidText);
    if (uid === undefined || gid === undefined) broken.push(malformed(found));
    else {
      const umask = umaskOf(comment);
      const entry = { line: found.line, name, password, uid, gid, home, shell: shell.join(':').trimEnd() };
      entries.push(umask === undefined ? entry : { ...entry, umask });
    }
  }
  return { entries, network, malformed: broken };
}

export const passwd = defineFact<PasswdFile>({
  id: 'passwd',
  collect: async (host) =>
    mapFact(await host.readText(PASSWD, { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' }), ({ text }) =>
      parsePasswd(text),
    ),
});
