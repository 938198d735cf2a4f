/** The order of RPM versions: rpm-version(7), rpmvercmp. Pure. */

/** `epoch:version-release`, epoch left out where it is 0. */
export interface Evr {
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
}

export function parseEvr(text: string): Evr {
  const [, epoch = '0', version = '', release = ''] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? [];
  return { epoch, version, release };
}

/** Negative when `a` is older. A side without a release equals any release, as in a dependency. */
export function compareEvr(a: string, b: string): number {
  const [left, right] = [parseEvr(a), parseEvr(b)];
  const first = compareRpm(left.epoch, right.epoch) || compareRpm(left.version, right.version);
  if (first !== 0 || left.release === '' || right.release === '') return first;
  return compareRpm(left.release, right.release);
}

const SEGMENT = /^(?:[0-9]+|[A-Za-z]+)/;

/** One part of a version: runs of digits or letters, `~` before everything, `^` after what it continues. */
export function compareRpm(a: string, b: string): number {
  let [left, right] = [a, b];
  for (;;) {
    left = left.replace(/^[^A-Za-z0-9~^]+/, '');
    right = right.replace(/^[^A-Za-z0-9~^]+/, '');
    if (left.startsWith('~') || right.startsWith('~')) {
      if (!left.startsWith('~')) return 1;
      if (!right.startsWith('~')) return -1;
    } else if (left.startsWith('^') || right.startsWith('^')) {
      if (left === '') return -1;
      if (right === '') return 1;
      if (!left.startsWith('^')) return 1;
      if (!right.startsWith('^')) return -1;
    } else {
      const [one, two] = [SEGMENT.exec(left)?.[0] ?? '', SEGMENT.exec(right)?.[0] ?? ''];
      if (one === '' || two === '')
        return Math.sign(left.length && !right.length ? 1 : right.length && !left.length ? -1 : 0);
      const order = compareSegments(one, two);
      if (order !== 0) return order;
      left = left.slice(one.length);
      right = right.slice(two.length);
      continue;
    }
    left = left.slice(1);
    right = right.slice(1);
  }
}

function compareSegments(a: string, b: string): number {
  const [digitsA, digitsB] = [/^[0-9]/.test(a), /^[0-9]/.test(b)];
  if (digitsA !== digitsB) return digitsA ? 1 : -1;
  if (!digitsA) return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (x.length !== y.length) return x.length < y.length ? -1 : 1;
  return x < y ? -1 : x > y ? 1 : 0;
}
