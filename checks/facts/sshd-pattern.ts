/** Patterns and lists of them: ssh_config(5), PATTERNS. */

/** `*` any run of characters, `?` exactly one. Linear backtracking: no pattern can make it slow. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (pattern[wanted] === '*') {
      star = wanted;
      wanted += 1;
      resume = at;
    } else if (wanted < pattern.length && (pattern[wanted] === '?' || pattern[wanted] === text[at])) {
      at += 1;
      wanted += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      wanted = star + 1;
    } else return false;
  }
  while (pattern[wanted] === '*') wanted += 1;
  return wanted === pattern.length;
}

/** The longest element that sshd takes; a longer one makes the whole list match nothing. */
const MAX_ELEMENT = 1022;

/** 1 a positive element fits and no negated one does, -1 a negated one fits, 0 none. */
export function matchesList(text: string, list: string): 1 | 0 | -1 {
  let found: 1 | 0 = 0;
  // A comma at the end opens no further element.
  for (const element of list.replace(/,$/, '').split(',')) {
    if (list === '') return 0;
    const negated = element.startsWith('!');
    const pattern = negated ? element.slice(1) : element;
    if (pattern.length > MAX_ELEMENT) return 0;
    if (!matchesPattern(text, pattern)) continue;
    if (negated) return -1;
    found = 1;
  }
  return found;
}

/** As `matchesList`, letter case ignored: host names. */
export const matchesHostList = (host: string, list: string): 1 | 0 | -1 =>
  matchesList(host.toLowerCase(), list.toLowerCase());
