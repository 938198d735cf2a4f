/**
 * A regular expression that JavaScript and Python read alike and that can't take long: no groups, no counted or lazy
 * repetition, at most three repetitions. Undefined for all others. Pure.
 */
export function plainExpression(pattern: string): RegExp | undefined {
  const atom = String.raw`(?:[^\\()[\]{}*+?|^$]|\\[.\-+*?()[\]{}^$|/\\]|\[\^?[A-Za-z0-9_./\-]+\])`;
  const branch = `\\^?(?:${atom}[*+?]?)*\\$?`;
  if (!new RegExp(`^${branch}(?:\\|${branch})*$`).test(pattern)) return undefined;
  if ((pattern.match(/[*+?]/g) ?? []).length > 3) return undefined;
  try {
    return new RegExp(pattern.replaceAll('/', '\\/'), 'su');
  } catch {
    return undefined;
  }
}
