/** The groups of /etc/group and /etc/gshadow: group(5), gshadow(5). */
import { defineFact, mapFact } from '../fact.ts';
import { accountLines, isNetworkName, type MalformedLine, malformed, parseId } from './account-file.ts';
import { type PasswordField, parsePasswordField } from './password-field.ts';

export interface GroupEntry {
  readonly line: number;
  readonly name: string;
  readonly password: PasswordField;
  readonly gid: number;
  readonly members: readonly string[];
}

export interface GroupFile {
  readonly entries: readonly GroupEntry[];
  readonly network: readonly { readonly line: number; readonly name: string }[];
  readonly malformed: readonly MalformedLine[];
}

export interface GshadowEntry {
  readonly line: number;
  readonly name: string;
  /** Empty: only members can change to the group with newgrp(1); it is no way in for others. */
  readonly password: PasswordField;
  readonly administrators: readonly string[];
  readonly members: readonly string[];
}

const names = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** Pure, never throws. */
export function parseGroup(text: string): GroupFile {
  const entries: GroupEntry[] = [];
  const network: { line: number; name: string }[] = [];
  const broken: MalformedLine[] = [];
  for (const found of accountLines(text)) {
    const [name = '', secret = '', gidText = '', members = ''] = found.fields;
    const gid = parseId(gidText);
    if (isNetworkName(name)) network.push({ line: found.line, name });
    else if (gid === undefined) broken.push(malformed(found));
    else
      entries.push({
        line: found.line,
        name,
        password: parsePasswordField(secret, 'passwd'),
        gid,
        members: names(members),
      });
  }
  return { entries, network, malformed: broken };
}

/** Pure, never throws. */
export function parseGshadow(text: string): readonly GshadowEntry[] {
  return accountLines(text).flatMap(({ line, fields }) => {
    const [name = '', secret = '', administrators = '', members = ''] = fields;
    if (isNetworkName(name) || fields.length < 2) return [];
    return [
      {
        line,
        name,
        password: parsePasswordField(secret.trimEnd(), 'shadow'),
        administrators: names(administrators),
        members: names(members),
      },
    ];
  });
}

export const group = defineFact<GroupFile>({
  id: 'group',
  collect: async (host) =>
    mapFact(
      await host.readText('/etc/group', { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' }),
      ({ text }) => parseGroup(text),
    ),
});

export const gshadow = defineFact<readonly GshadowEntry[]>({
  id: 'gshadow',
  collect: async (host) =>
    mapFact(
      await host.readText('/etc/gshadow', { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' }),
      ({ text }) => parseGshadow(text),
    ),
});
