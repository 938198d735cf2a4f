/** YAML that people keep in files: bounded, unknown members refused, every problem with the line it stands in. */
import { isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { de } from 'zod/locales';
import { CodedError, type ErrorCode } from '../shared/errors.ts';
import type { Text } from '../shared/outcome.ts';
import { bothLanguages } from '../shared/said.ts';

/** Aliases a document may follow: enough to say a thing once, too few to blow up a small file. */
const MAX_ALIASES = 200;
const MAX_PROBLEMS = 10;

export interface YamlForm<T extends z.ZodType> {
  readonly schema: T;
  /** Of errors; takes `path` and `problem`. */
  readonly code: ErrorCode;
  readonly maxBytes: number;
}

/** @throws CodedError `form.code`; `path` is only said, nothing is read */
export function parseYaml<T extends z.ZodType>(
  bytes: Uint8Array,
  path: string,
  form: YamlForm<T>,
): z.output<T> {
  const invalid = (problem: string | Text, cause?: unknown) =>
    new CodedError(form.code, { path, problem }, { cause });
  if (bytes.length > form.maxBytes) throw invalid(`larger than ${form.maxBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid('not valid UTF-8', error);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    strict: true,
    uniqueKeys: true,
    schema: 'core',
  });
  // A warning is about a tag that is not plain data; nothing of ours needs one.
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax)
    throw invalid(`line ${lines.linePos(syntax.pos[0]).line}: ${firstLine(syntax.message)}`, syntax);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw invalid(error instanceof Error ? firstLine(error.message) : 'can not be resolved', error);
  }
  const parsed = form.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // zod's own messages come from its locale; ours carry their German words with them.
  const german = form.schema.safeParse(value, { error: de().localeError }).error?.issues ?? [];
  const said = parsed.error.issues.slice(0, MAX_PROBLEMS).map((issue, index): Text => {
    const { path: where, message } = innermost(issue);
    const line = lineOf(document.contents, where, lines);
    const member = where.map(String).join('.');
    const words = bothLanguages(message, german[index] ? innermost(german[index]).message : message);
    return {
      de: `Zeile ${line}: ${member || 'Dokument'}: ${words.de}`,
      en: `line ${line}: ${member || 'document'}: ${words.en}`,
    };
  });
  const more = parsed.error.issues.length - said.length;
  const inOne = (language: 'de' | 'en', rest: string) =>
    [...said.map((one) => one[language]), ...(more > 0 ? [rest] : [])].join('; ');
  throw invalid(
    { de: inOne('de', `und ${more} weitere`), en: inOne('en', `and ${more} more`) },
    parsed.error,
  );
}

type Issue = z.core.$ZodIssue;

/** "Invalid input" of a union helps nobody: what the form that fits best complains about does. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const weight = (branch: readonly Issue[]) =>
    branch.reduce(
      (sum, { code, path }) => sum + (code === 'unrecognized_keys' && path.length === 0 ? 10 : 1),
      0,
    );
  const [best] = [...issue.errors].sort((a, b) => weight(a) - weight(b));
  const inner = best?.[0];
  return inner ? innermost({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

/** The line of the innermost node on `path` that the document has: a missing member is at its parent. */
function lineOf(root: unknown, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = root;
  let offset = offsetOf(root);
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(key)) : undefined;
    if (pair) offset = offsetOf(pair.key) ?? offset;
    node = pair ? pair.value : isSeq(node) && typeof key === 'number' ? node.items[key] : undefined;
    if (node === undefined) break;
    if (!pair) offset = offsetOf(node) ?? offset;
  }
  return lines.linePos(offset ?? 0).line;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

/** Without the place that `yaml` adds: the line is said already. */
const firstLine = (message: string) =>
  message.split('\n')[0]?.replace(/(?: at line \d+, column \d+)?[:.]?$/, '') ?? message;
