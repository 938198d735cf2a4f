import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_DEPTH, parseStrictJson } from '../../server/json.ts';
import { CodedError } from '../../shared/errors.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const codeOf = (input: string | Uint8Array) => {
  try {
    parseStrictJson(input);
    return 'taken';
  } catch (error) {
    return error instanceof CodedError ? error.code : 'crash';
  }
};

it.each([
  ['as deep as is allowed', nested(MAX_DEPTH), 'taken'],
  ['one level deeper', nested(MAX_DEPTH + 1), 'TOO_DEEP'],
  ['deeper than any stack', `${'{"a":'.repeat(1_000_000)}`, 'TOO_DEEP'],
  ['brackets in strings', JSON.stringify('['.repeat(100)), 'taken'],
  ['brackets behind an escaped quote', JSON.stringify(`"${'['.repeat(100)}`), 'taken'],
  ['brackets behind an escaped backslash', `["\\\\",${nested(MAX_DEPTH)}]`, 'TOO_DEEP'],
  ['many side by side', `[${Array(500).fill('[]').join(',')}]`, 'taken'],
  ['__proto__', '{"a":[{"__proto__":1}]}', 'BODY_INVALID'],
  ['__proto__ in escapes', '{"\\u005F\\u005fproto\\u005f_":1}', 'BODY_INVALID'],
  ['__proto__ as a value', '{"a":"__proto__"}', 'taken'],
  ['constructor is a name like any other', '{"constructor":{"prototype":{}}}', 'taken'],
  ['a byte order mark', '\ufeff{}', 'BODY_INVALID'],
  ['nothing', '', 'BODY_INVALID'],
])('%s', (_title, text, code) => {
  expect(codeOf(text)).toBe(code);
  expect(codeOf(Buffer.from(text))).toBe(code);
});

it('gives what JSON.parse gives, and survives any bytes', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      if (!/__proto__/.test(text)) expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['taken', 'BODY_INVALID', 'INVALID_UTF8', 'TOO_DEEP']).toContain(codeOf(bytes));
    }),
  );
});
