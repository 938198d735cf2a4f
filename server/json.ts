/** JSON from strangers: bytes are checked before anything is built from them. */
import { fromUtf8 } from '../shared/bytes.ts';
import { CodedError } from '../shared/errors.ts';

/** Reports need 7 levels. A parser without a limit can be made to overflow its stack. */
export const MAX_DEPTH = 32;

/**
 * @throws CodedError `INVALID_UTF8`, `TOO_DEEP`, or `BODY_INVALID` for what is not JSON or names `__proto__`
 */
export function parseStrictJson(input: Uint8Array | string): unknown {
  const text = typeof input === 'string' ? input : fromUtf8(input);
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words quote the input; they stay here.
    throw new CodedError('BODY_INVALID', { problem: 'it is not JSON' });
  }
  // JSON.parse makes `__proto__` a plain own member, but the next to copy the object would set its prototype.
  if (/__proto__|\\u00/i.test(text) && namesPrototype(value))
    throw new CodedError('BODY_INVALID', { problem: 'a member is called __proto__' });
  return value;
}

function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) {
      depth++;
      if (depth > MAX_DEPTH) throw new CodedError('TOO_DEEP', { limit: MAX_DEPTH });
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
}

/** Recursion is safe here: the depth was checked. */
function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(namesPrototype);
}
