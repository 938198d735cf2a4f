/**
 * PAM configuration as libpam reads it: pam.conf(5), libpam/pam_handlers.c. Pure and complete enough for a full
 * evaluator: every line keeps its file and number, controls are resolved into one action per return value.
 */
export const pamTypes = ['auth', 'account', 'password', 'session'] as const;
export type PamType = (typeof pamTypes)[number];

/** A number is a jump over so many modules. */
export type PamAction = 'ignore' | 'bad' | 'die' | 'ok' | 'done' | 'reset' | number;

/** The return values that a control may name, in libpam's order (it compares prefixes). */
export const pamReturns = [
  'success',
  'open_err',
  'symbol_err',
  'service_err',
  'system_err',
  'buf_err',
  'perm_denied',
  'auth_err',
  'cred_insufficient',
  'authinfo_unavail',
  'user_unknown',
  'maxtries',
  'new_authtok_reqd',
  'acct_expired',
  'session_err',
  'cred_unavail',
  'cred_expired',
  'cred_err',
  'no_module_data',
  'conv_err',
  'authtok_err',
  'authtok_recover_err',
  'authtok_lock_busy',
  'authtok_disable_aging',
  'try_again',
  'ignore',
  'abort',
  'authtok_expired',
  'module_unknown',
  'bad_item',
  'conv_again',
  'incomplete',
] as const;
export type PamReturn = (typeof pamReturns)[number];

/** What libpam does for each return value: those that are not named do `default`. */
export interface PamActions {
  readonly default: PamAction;
  readonly named: Readonly<Partial<Record<PamReturn, PamAction>>>;
}

/** What libpam does with every answer under a control that it can't read, and for includes that fail. */
export const BAD: PamActions = { default: 'bad', named: {} };

interface Place {
  readonly file: string;
  /** Where the line begins, counted from 1. */
  readonly line: number;
}

export interface PamModuleLine extends Place {
  readonly kind: 'module';
  readonly type: PamType;
  /** `-auth`: a module that is not installed is skipped without a word in the log. */
  readonly silent: boolean;
  /** As written: `required`, `[success=1 default=ignore]`. */
  readonly control: string;
  readonly actions: PamActions;
  /** As written; `$ISA` and directories included. */
  readonly path: string;
  /** Its name alone, `pam_unix.so`. */
  readonly module: string;
  readonly args: readonly string[];
  /** Only in /etc/pam.conf. */
  readonly service?: string;
}

export interface PamIncludeLine extends Place {
  readonly kind: 'include' | 'substack';
  /** Absent for `@include`, which brings the lines of every type. */
  readonly type?: PamType;
  /** The type could not be read: the line counts for whatever type is being included, else for `auth`. */
  readonly anyType?: true;
  readonly target: string;
  readonly service?: string;
}

/** A line that libpam turns into a module that always answers perm_denied. */
export interface PamBrokenLine extends Place {
  readonly kind: 'broken';
  readonly type: PamType;
  /** As in an include line. */
  readonly anyType?: true;
  /** What that answer does: the control still counts where it could be read. */
  readonly actions: PamActions;
  readonly problem: 'type' | 'control' | 'module';
  readonly service?: string;
}

export type PamLine = PamModuleLine | PamIncludeLine | PamBrokenLine;

/**
 * Pure, never throws.
 * @param format `pam.conf` has the service name as its first field
 */
export function parsePam(text: string, file: string, format: 'pam.d' | 'pam.conf' = 'pam.d'): PamLine[] {
  return logicalLines(text).flatMap(({ line, content }): PamLine[] => {
    const tokens = tokenize(content);
    const service = format === 'pam.conf' ? tokens.shift()?.text.toLowerCase() : undefined;
    const place = { file, line, ...(service === undefined ? {} : { service }) };
    const first = tokens.shift()?.text;
    // Debian's extension; upstream treats it as an unknown type, and no such file exists there.
    if (first === '@include') return [{ ...place, kind: 'include', target: tokens[0]?.text ?? '' }];
    if (first === undefined && service === undefined) return [];
    const silent = first?.startsWith('-') ?? false;
    const known = pamTypes.find((name) => name === first?.slice(silent ? 1 : 0).toLowerCase());
    const type = known ?? 'auth';
    const at = { ...place, ...(known === undefined ? { anyType: true as const } : {}) };
    const control = tokens.shift();
    if (control === undefined) return [broken(at, type, known ? 'control' : 'type', BAD)];
    const word = control.text.toLowerCase();
    const target = tokens.shift()?.text;
    if (word === 'include' || word === 'substack') {
      return target === undefined ? [broken(at, type, 'module', BAD)] : [{ ...at, kind: word, type, target }];
    }
    if (target === undefined || known === undefined)
      return [broken(at, type, known ? 'module' : 'type', parseControl(control.text))];
    return [
      {
        ...place,
        kind: 'module',
        type,
        silent,
        control: control.bracketed ? `[${control.text}]` : control.text,
        actions: parseControl(control.text),
        path: target,
        module: target.slice(target.lastIndexOf('/') + 1),
        args: tokens.map((token) => token.text),
      },
    ];
  });
}

const broken = (
  place: Place & { service?: string; anyType?: true },
  type: PamType,
  problem: PamBrokenLine['problem'],
  actions: PamActions,
): PamBrokenLine => ({ ...place, kind: 'broken', type, problem, actions });

/** Lines joined at a trailing backslash. A comment ends a line for good, its backslash continues nothing. */
function logicalLines(text: string): { line: number; content: string }[] {
  const out: { line: number; content: string }[] = [];
  let started: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const hash = raw.indexOf('#');
    const visible = (hash < 0 ? raw : raw.slice(0, hash)).replace(/\s+$/, '');
    const continues = hash < 0 && visible.endsWith('\\');
    const part = continues ? visible.slice(0, -1) : visible;
    if (started === undefined && part.trim() === '' && !continues) continue;
    started = started
      ? { line: started.line, content: `${started.content} ${part}` }
      : { line: index + 1, content: part };
    if (continues) continue;
    out.push(started);
    started = undefined;
  }
  if (started) out.push(started);
  return out.filter(({ content }) => content.trim() !== '');
}

interface Token {
  readonly text: string;
  readonly bracketed: boolean;
}

/** Words between blanks; `[...]` is one word without its brackets, `\]` inside it stands for `]`. */
function tokenize(content: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /[ \t]*(?:\[((?:\\\]|[^\]])*)\]?|([^ \t]+))/y;
  for (;;) {
    const match = pattern.exec(content);
    if (!match || match[0].trim() === '') return tokens;
    if (match[1] !== undefined) tokens.push({ text: match[1].replaceAll('\\]', ']'), bracketed: true });
    else tokens.push({ text: match[2] ?? '', bracketed: false });
  }
}

const SUCCEED = (action: PamAction): PamActions['named'] => ({ success: action, new_authtok_reqd: action });

const WORDS: ReadonlyMap<string, PamActions> = new Map(
  Object.entries({
    required: { default: 'bad', named: { ...SUCCEED('ok'), ignore: 'ignore' } },
    requisite: { default: 'die', named: { ...SUCCEED('ok'), ignore: 'ignore' } },
    optional: { default: 'ignore', named: SUCCEED('ok') },
    sufficient: { default: 'ignore', named: SUCCEED('done') },
  }),
);

/** `required` and its like, or `value=action ...`. What libpam can't read makes every value `bad`. */
export function parseControl(control: string): PamActions {
  const word = WORDS.get(control.toLowerCase());
  if (word) return word;
  const named: Partial<Record<PamReturn, PamAction>> = {};
  let fallback: PamAction | undefined;
  let rest = control;
  while (rest.trim() !== '') {
    const match = /^\s*([a-z_]+)\s*=\s*(ignore|ok|done|bad|die|reset|\d+)/.exec(rest);
    const value = [...pamReturns, 'default' as const].find((name) => name === match?.[1]);
    if (!match?.[2] || value === undefined) return BAD;
    const action = /^\d/.test(match[2]) ? Number(match[2]) : (match[2] as PamAction);
    if (action === 0) return BAD;
    // `default` fills only what is not set yet, and only once.
    if (value !== 'default') named[value] = action;
    else fallback ??= action;
    rest = rest.slice(match[0].length);
  }
  return { default: fallback ?? 'bad', named };
}
