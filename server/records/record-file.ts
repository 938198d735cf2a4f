/** A record as people write it: YAML, one record a file. Grants are not written so; they stand in policy files. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { recordTypes } from '../../shared/catalogue.ts';
import { CodedError } from '../../shared/errors.ts';
import {
  attachmentSchema,
  recordIdSchema,
  scopeSchema,
  wordSchema,
  zonedInstantSchema,
} from '../../shared/record.ts';
import { isSaid, said } from '../../shared/said.ts';
import { parseYaml } from '../yaml-file.ts';
import type { NewRecord } from './store.ts';
import { needsCertificate, termsSchemas } from './terms.ts';

const MAX_BYTES = 256 * 1024;
const MAX_ATTACHMENT_BYTES = 256 * 1024 * 1024;

export const recordFileSchema = z
  .strictObject({
    tenant: z.string().min(1).max(100),
    type: z.enum(recordTypes).exclude(['grant']),
    subject: wordSchema,
    scope: scopeSchema.default('tenant'),
    author: wordSchema,
    approver: wordSchema.optional(),
    from: zonedInstantSchema.optional(),
    until: zonedInstantSchema.optional(),
    text: z.string().max(10_000).default(''),
    /** A file beside this one, or the name and digest of one that is kept elsewhere. */
    attachments: z
      .array(z.union([attachmentSchema, z.strictObject({ file: z.string().min(1).max(1000) })]))
      .max(50)
      .default([]),
    ends: recordIdSchema.optional(),
    /** What the type adds (terms.ts). */
    terms: z.record(z.string().max(60), z.unknown()).optional(),
  })
  .transform((file, context) => {
    const { type, approver, until, from, attachments } = file;
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    // An exception that nobody approved, or without an end, would soften a result on one person's word or for ever.
    if (type === 'waiver' && approver === undefined)
      issue('approver', said('eine Ausnahme braucht eine Genehmigung', 'a waiver needs one'));
    if (type === 'waiver' && until === undefined)
      issue('until', said('eine Ausnahme braucht ein Ende', 'a waiver needs an end'));
    if (from !== undefined && until !== undefined && until <= from)
      issue('until', said('das Ende liegt nicht nach dem Beginn', 'it is not after the beginning'));
    const schema = termsSchemas[type];
    if (!schema) {
      if (file.terms !== undefined)
        issue(
          'terms',
          said(`ein Nachweis vom Typ ${type} hat keine terms`, `a record of type ${type} has no terms`),
        );
      return file;
    }
    const terms = schema.safeParse(file.terms ?? {});
    if (!terms.success) {
      for (const found of terms.error.issues)
        context.addIssue(withoutOwnWords({ ...found, path: ['terms', ...found.path] }));
      return file;
    }
    if (needsCertificate(type, terms.data) && attachments.length === 0)
      issue(
        'attachments',
        said(
          'die Bescheinigung oder das Protokoll fehlt (attachments: [{ file: … }])',
          'the certificate or log is missing (attachments: [{ file: ... }])',
        ),
      );
    return { ...file, terms: terms.data };
  });

/** Words that are not ours are found anew, in the language of whoever reads the whole file. */
function withoutOwnWords({ message, ...issue }: z.core.$ZodIssue) {
  return (isSaid(message) ? { ...issue, message } : issue) as Parameters<z.RefinementCtx['addIssue']>[0];
}

export interface RecordFile {
  readonly tenant: string;
  readonly record: NewRecord;
  /** The file names a beginning: with another one it is a renewal, not the same record twice. */
  readonly begins: boolean;
}

/** @param now where the file names no beginning. @throws CodedError `FILE_UNREADABLE`, `RECORD_INVALID` */
export function readRecordFile(path: string, now: Date): RecordFile {
  const form = { schema: recordFileSchema, code: 'RECORD_INVALID', maxBytes: MAX_BYTES } as const;
  return recordOf(parseYaml(read(path, MAX_BYTES + 1), path, form), now, (file) => attachment(path, file));
}

/**
 * A record that somebody typed in: files can't be read from here, so attachments come with their digest.
 * @throws CodedError `RECORD_INVALID`
 */
export function readRecordText(text: string, attached: readonly Attachment[], now: Date): RecordFile {
  const path = 'record';
  const form = { schema: recordFileSchema, code: 'RECORD_INVALID', maxBytes: MAX_BYTES } as const;
  const names = new Map(attached.map((one) => [one.name, one]));
  return recordOf(parseYaml(Buffer.from(text, 'utf8'), path, form), now, (file) => {
    const found = names.get(file);
    if (!found)
      throw new CodedError('RECORD_INVALID', {
        path,
        problem: { de: `die Datei ${file} wurde nicht ausgewählt`, en: `the file ${file} was not chosen` },
      });
    return found;
  });
}

type Attachment = z.infer<typeof attachmentSchema>;

function recordOf(
  { tenant, approver, from, until, attachments, ends, ...rest }: z.output<typeof recordFileSchema>,
  now: Date,
  attach: (file: string) => Attachment,
): RecordFile {
  return {
    tenant,
    begins: from !== undefined,
    record: {
      ...rest,
      approver: approver ?? null,
      from: from ?? now.toISOString(),
      until: until ?? null,
      attachments: attachments.map((item) => ('file' in item ? attach(item.file) : item)),
      ends: ends ?? null,
      holds: true,
    },
  };
}

function attachment(beside: string, name: string): Attachment {
  const bytes = read(resolve(dirname(beside), name), MAX_ATTACHMENT_BYTES);
  return { name, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function read(path: string, maxBytes: number): Buffer {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new CodedError('FILE_UNREADABLE', { path, problem: 'not a file' });
    if (stats.size > maxBytes) throw new CodedError('RECORD_INVALID', { path, problem: 'it is too large' });
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const problem = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CodedError('FILE_UNREADABLE', { path, problem }, { cause: error });
  }
}
