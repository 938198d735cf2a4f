/**
 * One file of cloud-init's data, in whatever wrapping it came: gzip, base64, MIME, archives, cloud-config in YAML. Tells
 * where a password stands in clear text and where password login is turned on, never a value. Pure; never throws.
 * Bounded in size, parts and depth; what is not understood and speaks of passwords is `unclear`.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { gunzip, latin1Bytes, latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';

export interface CloudFinding {
  /** `drop-in`: what cloud-init wrote for sshd. */
  readonly kind: 'plain' | 'login' | 'drop-in';
  /** The key's own word, never its value. */
  readonly key: string;
  /** Only where the file itself is YAML. */
  readonly line?: number;
}

export interface CloudData {
  readonly findings: readonly CloudFinding[];
  readonly unclear: readonly Text[];
}

const GZIP = '\u001f\u008b';
const MAX_TEXT = 512 * 1024;
const MAX_WRAPS = 6;
const MAX_PARTS = 100;

/** Of users, chpasswd, autoinstall and modules with accounts of their own. */
const SECRET_KEY = /^(?:password|passwd|plain_text_passwd|hashed_passwd|hashed-passwd)$/;
const LOGIN_KEY = /^(?:ssh_pwauth|allow-pw|allow_pw)$/;
const COMMAND_KEY = /^(?:runcmd|bootcmd|early-commands|late-commands|content)$/;
/** Whole documents inside a value. */
const NESTED_KEY = /^(?:userdata_raw|vendordata_raw|user-data|vendor-data|user_data|vendor_data)$/;
const SETS_PASSWORDS = /chpasswd|--stdin|usermod\b.*\s-p|useradd\b.*\s-p|openssl passwd/;
/** Words that have none in them: sshd's keyword, which login.sshd-password-authentication judges, and files and commands. */
const HARMLESS = /PasswordAuthentication|\/etc\/passwd|getent passwd|passwd -[ld]|lock_passwd/gi;
const speaksOfPasswords = (text: string): boolean => /passw(?:or)?d/i.test(text.replace(HARMLESS, ''));
/** A crypt string, or what no password can match. 13 letters could be DES or plain text, and neither may stay. */
const isHash = (value: string): boolean =>
  /^[!*]*(?:x|\$(?:1|2[abxy]|5|6|7|y|gy|sm3y?|sha1|md5)[$,][^\s:]{8,})?$/.test(value.trim());
/** cloud-init makes one up. */
const isRandom = (value: string): boolean => /^(?:R|RANDOM)$/.test(value);
const isTrue = (value: unknown): boolean => /^(?:true|1|on|yes)$/i.test(`${value}`);

/** @param kind `config`: a file of /etc/cloud, which is YAML whatever its first line */
export function readCloudData(text: string, kind: 'config' | 'data'): CloudData {
  const found: Found = { findings: [], unclear: [], parts: 0 };
  if (kind === 'config') readYaml(text, found, 0, true);
  else read(text, found, 0);
  return found;
}

interface Found {
  readonly findings: CloudFinding[];
  readonly unclear: Text[];
  parts: number;
}

function read(raw: string, found: Found, depth: number): void {
  const text = raw.replace(/^(?:\u00ef\u00bb\u00bf|\ufeff)/, '');
  found.parts += 1;
  if (depth > MAX_WRAPS || found.parts > MAX_PARTS || text.length > MAX_TEXT) {
    found.unclear.push(TOO_MUCH);
    return;
  }
  const decoded = isMime(text) ? undefined : fromBase64(text);
  const first = /^\s*(?:## *template: *jinja\s*\n)?\s*(\S*)/.exec(text)?.[1] ?? '';
  if (text.startsWith(GZIP)) readGzip(text, found, depth);
  else if (isMime(text)) readMime(text, found, depth);
  else if (decoded !== undefined) read(decoded, found, depth + 1);
  else if (/^#cloud-config(?:-archive)?$/.test(first) || /^\s*\{/.test(text))
    readYaml(text, found, depth, depth === 0);
  // Scripts, boothooks, includes, and what cloud-init does not know either.
  else if (speaksOfPasswords(text)) found.unclear.push(SCRIPT);
}

function readGzip(text: string, found: Found, depth: number): void {
  const bytes = gunzip(latin1Bytes(text), MAX_TEXT);
  if (bytes === 'too large') found.unclear.push(TOO_MUCH);
  else if (!bytes) found.unclear.push(DAMAGED);
  else read(latin1Text(bytes), found, depth + 1);
}

/** Everything is base64, and it decodes to something that cloud-init knows. */
function fromBase64(text: string): string | undefined {
  const packed = text.replace(/\s+/g, '');
  if (packed.length < 16 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined;
  const decoded = decode(packed);
  return decoded?.startsWith(GZIP) || /^(?:#|Content-Type:|MIME-Version:|\{)/i.test(decoded ?? '')
    ? decoded
    : undefined;
}

/** Latin-1 text; undefined where it is damaged. */
function decode(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

const HEADER = /^(?:Content-[A-Za-z-]+|MIME-Version|From|To|Subject|X-[A-Za-z-]+|Number-Attachments):/i;
const isMime = (text: string): boolean => HEADER.test(text) && /^Content-Type:/im.test(headOf(text));

const headOf = (text: string): string => text.slice(0, /\r?\n\r?\n/.exec(text)?.index ?? text.length);

function readMime(text: string, found: Found, depth: number): void {
  const head = headOf(text);
  const body = text.slice(head.length).replace(/^\r?\n\r?\n/, '');
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ');
  const boundary = /^Content-Type:\s*multipart\/.*?boundary="?([^";\r\n]{1,200})"?/im.exec(unfolded)?.[1];
  if (boundary !== undefined) {
    const marker = `--${boundary.trim()}`;
    const parts = `\n${body}`.split(`\n${marker}`).slice(1);
    for (const part of parts.slice(0, MAX_PARTS)) {
      if (part.startsWith('--')) break;
      read(part.replace(/^[ \t]*\r?\n/, ''), found, depth + 1);
    }
    return;
  }
  const encoding = /^Content-Transfer-Encoding:\s*(\S+)/im.exec(unfolded)?.[1]?.toLowerCase();
  const plain =
    encoding === 'base64'
      ? decode(body)
      : encoding === 'quoted-printable'
        ? body
            .replace(/=\r?\n/g, '')
            .replace(/=([0-9A-F]{2})/gi, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)))
        : body;
  if (plain === undefined) {
    found.unclear.push(DAMAGED);
    return;
  }
  // The type can stand in the header instead of the first line.
  const typed = /^Content-Type:\s*text\/cloud-config/im.test(unfolded) && !/^\s*#/.test(plain);
  read(typed ? `#cloud-config\n${plain}` : plain, found, depth + 1);
}

function readYaml(text: string, found: Found, depth: number, direct: boolean): void {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', prettyErrors: false });
    if (document.errors.length > 0) {
      if (speaksOfPasswords(text)) found.unclear.push(NO_YAML);
      return;
    }
    if (/^\s*#cloud-config-archive/.test(text)) {
      readArchive(document.contents, found, depth);
      return;
    }
    const resolved = (value: unknown): unknown => (isAlias(value) ? value.resolve(document) : value);
    visit(document, {
      Pair: (_key, pair, path) => {
        const key = keyOf(pair);
        if (key === undefined) return;
        const at = isScalar(pair.key) && direct && pair.key.range ? lines.linePos(pair.key.range[0]).line : 0;
        const line = at > 0 ? { line: at } : {};
        const value = resolved(pair.value);
        const above = path.filter(isPair).map(keyOf).at(-1);
        if (SECRET_KEY.test(key) && isScalar(value)) {
          if (isPlain(value.value)) found.findings.push({ kind: 'plain', key, ...line });
        } else if (key === 'list' && above === 'chpasswd') {
          if (
            listed(value).some((entry) => entry.includes(':') && isPlain(entry.slice(entry.indexOf(':') + 1)))
          )
            found.findings.push({ kind: 'plain', key: 'list of chpasswd', ...line });
        } else if (LOGIN_KEY.test(key) && isScalar(value)) {
          if (isTrue(value.value)) found.findings.push({ kind: 'login', key, ...line });
        } else if (NESTED_KEY.test(key) && isScalar(value)) {
          if (typeof value.value === 'string') read(value.value, found, depth + 1);
        } else if (COMMAND_KEY.test(key) && SETS_PASSWORDS.test(scalars(value as Node, text))) {
          found.unclear.push(COMMAND);
        }
      },
    });
  } catch {
    found.unclear.push(NO_YAML);
  }
}

/** A list of texts, or of `content` with its type. */
function readArchive(contents: unknown, found: Found, depth: number): void {
  for (const item of isSeq(contents) ? contents.items.slice(0, MAX_PARTS) : []) {
    const content = isMap(item) ? item.get('content') : isScalar(item) ? item.value : undefined;
    if (typeof content === 'string') read(content, found, depth + 1);
  }
}

const isPair = (one: unknown): one is Pair =>
  typeof one === 'object' && one !== null && 'key' in one && 'value' in one && !isMap(one) && !isSeq(one);
const keyOf = ({ key }: Pair): string | undefined =>
  isScalar(key) && typeof key.value === 'string' ? key.value : undefined;

function isPlain(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false;
  const text = `${value}`.trim();
  return text !== '' && !isHash(text) && !isRandom(text);
}

/** chpasswd's list is a text of lines or a sequence. */
function listed(value: unknown): string[] {
  if (isScalar(value)) return `${value.value ?? ''}`.split('\n').map((line) => line.trim());
  return isSeq(value) ? value.items.flatMap((item) => (isScalar(item) ? [`${item.value}`] : [])) : [];
}

/** What stands in the source between the node's ends. */
function scalars(node: Node | null | undefined, text: string): string {
  const range = node?.range;
  return range ? text.slice(range[0], range[2]) : '';
}

const TOO_MUCH: Text = {
  en: 'too large or wrapped too often to be read through',
  de: 'zu groß oder zu oft verpackt, um es ganz zu lesen',
};
const DAMAGED: Text = { en: 'packed, and damaged', de: 'verpackt und beschädigt' };
const NO_YAML: Text = {
  en: 'it is no valid YAML and speaks of passwords',
  de: 'es ist kein gültiges YAML und handelt von Passwörtern',
};
const SCRIPT: Text = {
  en: 'a text or script that speaks of passwords; whether it holds one can not be told',
  de: 'ein Text oder Skript, das von Passwörtern handelt; ob es eines enthält, ist nicht zu ermitteln',
};
const COMMAND: Text = {
  en: 'a command that sets passwords; whether one stands in it can not be told',
  de: 'ein Befehl, der Passwörter setzt; ob eines darin steht, ist nicht zu ermitteln',
};
