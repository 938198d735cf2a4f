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
import { parseYaml } from '../yaml-file.ts';
import type { NewRecord } from './store.ts';

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
  })
  .superRefine(({ type, approver, until, from }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    // An exception that nobody approved, or without an end, would soften a result on one person's word or for ever.
    if (type === 'waiver' && approver === undefined) issue('approver', 'a waiver needs one');
    if (type === 'waiver' && until === undefined) issue('until', 'a waiver needs an end');
    if (from !== undefined && until !== undefined && until <= from)
      issue('until', 'it is not after the beginning');
  });

export interface RecordFile {
  readonly tenant: string;
  readonly record: NewRecord;
  /** The file names a beginning: with another one it is a renewal, not the same record twice. */
  readonly begins: boolean;
}

/** @param now where the file names no beginning. @throws CodedError `FILE_UNREADABLE`, `RECORD_INVALID` */
export function readRecordFile(path: string, now: Date): RecordFile {
  const form = { schema: recordFileSchema, code: 'RECORD_INVALID', maxBytes: MAX_BYTES } as const;
  const { tenant, approver, from, until, attachments, ends, ...rest } = parseYaml(
    read(path, MAX_BYTES + 1),
    path,
    form,
  );
  return {
    tenant,
    begins: from !== undefined,
    record: {
      ...rest,
      approver: approver ?? null,
      from: from ?? now.toISOString(),
      until: until ?? null,
      attachments: attachments.map((item) => ('file' in item ? attachment(path, item.file) : item)),
      ends: ends ?? null,
      holds: true,
    },
  };
}

function attachment(beside: string, name: string) {
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
