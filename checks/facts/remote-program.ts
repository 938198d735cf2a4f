/**
 * What a command line lets in over the network without proof of identity: telnetd(8), rshd(8), Xvnc(1), x11vnc(1), ttyd(1),
 * gotty, shellinaboxd(1), ncat(1), socat(1), dockerd(8), Xserver(1). Pure. A program that is not in this table is of no interest here.
 */
import type { Text } from '../../shared/outcome.ts';

export interface RemoteProgram {
  readonly what: string;
  /** `open`: no proof is asked for; `unclear`: that can not be told from the command line. */
  readonly verdict: 'open' | 'unclear' | 'asks';
  readonly why: Text;
  /** Its options bind it to this system alone. */
  readonly loopback: boolean;
}

const base = (path: string | undefined): string => (path ?? '').slice((path ?? '').lastIndexOf('/') + 1);
const INTERPRETERS = /^(?:python[\d.]*|node|nodejs|perl|ruby|busybox|env|setsid|nohup|exec|tcpd|stdbuf)$/;
const LEGACY =
  /^(?:in\.|inetutils-|netkit-|k)?(?:u?telnetd|telnetd-ssl|rshd|rlogind|rexecd|rexd|krshd|klogind|kshd|krlogind)$/;
const XVNC = /^(?:Xvnc|Xvnc-core|Xtigervnc|Xtightvnc|Xvnc4|x0vncserver|x0tigervncserver|X0tigervnc)$/;
const VNC_SCRIPT = /^(?:vncserver|tigervncserver|tightvncserver|vnc4server|vncsession|vncsession-start)$/;
const X_SERVER = /^(?:X|Xorg|Xorg\.wrap|Xwayland|Xephyr|Xvfb|Xnest|Xdummy)$/;
const SHELL = /(?:^|\/)(?:ba|da|z|k|mk|c|tc|a|fi)?sh\b|(?:^|\/)busybox sh\b|(?:^|\/)su\b/;
const LOGIN = /(?:^|\/)(?:login|ssh|sulogin|agetty)\b/;

const legacy: Text = { en: 'an old service without protection', de: 'ein alter, ungeschützter Dienst' };
const nothing: Text = { en: 'asks for nothing', de: 'verlangt nichts' };
const notTold: Text = {
  en: 'whether it asks for proof can not be told',
  de: 'ob es einen Nachweis verlangt, ist nicht zu erkennen',
};
const asksProof: Text = { en: 'asks for proof', de: 'verlangt einen Nachweis' };
const overTcp: Text = { en: 'takes X connections over TCP', de: 'nimmt X-Verbindungen über TCP an' };

/** @param words program and arguments, as in a process, a unit or inetd's configuration */
export function remoteProgram(words: readonly string[]): RemoteProgram | undefined {
  const name = base(words[0]);
  // Daemons that write a title over their arguments leave one word with blanks.
  if (/\s/.test(name) || (words.length === 1 && /\s/.test(words[0] ?? '')))
    return remoteProgram((words[0] ?? '').split(/\s+/).filter(Boolean));
  const args = words.slice(1);
  if (INTERPRETERS.test(name)) {
    const at = args.findIndex((word) => !word.startsWith('-') && !/^\w+=/.test(word));
    const module = args[0] === '-m' ? args[1] : undefined;
    return at < 0 ? undefined : remoteProgram(module ? args.slice(1) : args.slice(at));
  }
  const told = judge(name, args);
  if (!told) return undefined;
  const [verdict, why, loopback = false] = told;
  return { what: name, verdict, why, loopback };
}

type Told = readonly [RemoteProgram['verdict'], Text, boolean?] | undefined;

function judge(name: string, args: readonly string[]): Told {
  if (LEGACY.test(name)) return ['open', legacy];
  if (XVNC.test(name) || VNC_SCRIPT.test(name)) return vnc(name, args);
  if (name === 'x11vnc') return x11vnc(args);
  if (/^(?:wayvnc|vino-server|krfb|linuxvnc|vncterm)$/.test(name)) return ['unclear', notTold, local(args)];
  if (name === 'Xkasmvnc' || name === 'kasmvncserver')
    return has(args, /^-disableBasicAuth$/i) ? ['open', nothing] : undefined;
  if (X_SERVER.test(name)) return xOverTcp(args) ? ['open', overTcp] : undefined;
  if (name === 'ttyd') return ttyd(args);
  if (name === 'gotty') return gotty(args);
  if (name === 'shellinaboxd') return shellinabox(args);
  if (name === 'code-server')
    return option(args, '--auth') === 'none' ? ['open', nothing, local(args)] : undefined;
  if (/^(?:openvscode-server|code-server-oss|code)$/.test(name))
    return has(args, /^--without-connection-token$/) ? ['open', nothing, local(args)] : undefined;
  if (/^jupyter(?:-\w+|lab|_server)?$/.test(name)) return jupyter(args);
  if (/^(?:nc|ncat|netcat|nc\.\w+)$/.test(name)) return netcat(args);
  if (/^socat\d?$/.test(name)) return socat(args);
  if (name === 'dockerd') return docker(args);
  if (name === 'podman')
    return args.includes('service') && has(args, /^tcp:/)
      ? ['open', nothing, args.some((word) => /^tcp:\/*(?:localhost|127\.|\[::1\])/.test(word))]
      : undefined;
  return undefined;
}

const has = (args: readonly string[], pattern: RegExp): boolean => args.some((word) => pattern.test(word));

/** The last value of an option, `--name value` or `--name=value`. */
function option(args: readonly string[], ...names: readonly string[]): string | undefined {
  let value: string | undefined;
  for (const [index, word] of args.entries()) {
    if (names.includes(word)) value = args[index + 1] ?? '';
    for (const name of names)
      if (word.startsWith(`${name}=`)) value = word.slice(name.length + 1);
      else if (/^-\w$/.test(name) && word.startsWith(name) && word.length > 2 && !word.startsWith('--'))
        value = word.slice(2);
  }
  return value;
}

const LOCAL = /^(?:lo|localhost|127\.[\d.]+|\[?::1\]?|ip6-localhost)(?::\d+)?$/;
/** Options that many of these programs share for where they listen. */
const local = (args: readonly string[]): boolean =>
  LOCAL.test(
    option(
      args,
      '-i',
      '--interface',
      '-listen',
      '-interface',
      '--address',
      '--bind-addr',
      '--host',
      '--ip',
    ) ?? '',
  ) ||
  args.some((word, index) => word === 'localhost' && index === 0) ||
  has(args, /^--?localhost(?:-only)?(?:=(?:1|yes|true|on))?$/i);

/** TigerVNC's own parameters: `-Name value`, `-Name=value`, `Name=value`, in any letter case. */
function parameter(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (const [index, word] of args.entries()) {
    const [key = '', ...rest] = word.replace(/^--?/, '').split('=');
    if (key.toLowerCase() !== name) continue;
    if (rest.length > 0) value = rest.join('=');
    else if (word.startsWith('-')) value = args[index + 1] ?? '';
  }
  return value;
}

function vnc(name: string, args: readonly string[]): Told {
  const off = /^(?:0|no|false|off)$/i.test(parameter(args, 'localhost') ?? '');
  const loopback = !off && (local(args) || parameter(args, 'localhost') !== undefined);
  if (xOverTcp(args)) return ['open', overTcp];
  const types = parameter(args, 'securitytypes');
  if (types !== undefined)
    return types.split(',').some((type) => /^(?:|TLS|X509|RA2?)None$/i.test(type.trim()))
      ? ['open', nothing, loopback]
      : ['asks', asksProof, loopback];
  if (['rfbauth', 'passwordfile', 'passwd'].some((key) => parameter(args, key) !== undefined))
    return ['asks', asksProof, loopback];
  if (name === 'Xtightvnc') return ['open', nothing, loopback];
  // TigerVNC wants a VNC password unless told otherwise, and lets nobody in without one.
  return /tiger/.test(name) && XVNC.test(name)
    ? ['asks', asksProof, loopback]
    : ['unclear', notTold, loopback];
}

function x11vnc(args: readonly string[]): Told {
  const loopback = local(args);
  const proof =
    /^--?(?:rfbauth|passwd|passwdfile|usepw|unixpw|unixpw_nis|unixpw_cmd|unixpw_system_greeter|sslverify|svc|xdmsvc|xdm_service)$/;
  return has(args, proof) ? ['asks', asksProof, loopback] : ['open', nothing, loopback];
}

/** Xserver(1): the last of -listen and -nolisten counts; since 1.17 TCP is off by default. */
function xOverTcp(args: readonly string[]): boolean {
  let listens = false;
  for (const [index, word] of args.entries())
    if (args[index + 1] === 'tcp' && /^-(?:no)?listen$/.test(word)) listens = word === '-listen';
  return listens;
}

/** The command behind the options of a program whose options take these letters with a value. */
function commandOf(args: readonly string[], withValue: RegExp): string {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--') return args.slice(at + 1).join(' ');
    if (!word.startsWith('-')) return args.slice(at).join(' ');
    if (withValue.test(word)) at += 1;
  }
  return '';
}

function ttyd(args: readonly string[]): Told {
  const loopback = local(args) || (option(args, '-i', '--interface') ?? '').startsWith('/');
  const valued =
    /^(?:-[piUcHugswdtTbIPmCKA]|--(?:port|interface|socket-owner|credential|auth-header|uid|gid|signal|cwd|debug|client-option|terminal-type|base-path|index|ping-interval|max-clients|ssl-cert|ssl-key|ssl-ca|srv-buf-size))$/;
  if (has(args, /^(?:-[cHA]|--(?:credential|auth-header|ssl-ca)(?:=.*)?)$/))
    return ['asks', asksProof, loopback];
  if (LOGIN.test(commandOf(args, valued))) return ['asks', asksProof, loopback];
  // Before 1.7 everybody may type; since then only with --writable.
  return has(args, /^(?:-W|--writable)$/) ? ['open', nothing, loopback] : ['unclear', notTold, loopback];
}

function gotty(args: readonly string[]): Told {
  const loopback = local(args) || LOCAL.test(option(args, '-a', '--address') ?? '');
  const valued =
    /^(?:-[aprc]|--(?:address|port|path|credential|random-url-length|config|index|title-format|ws-origin|term|width|height))$/;
  if (has(args, /^(?:-c|--credential(?:=.*)?|--tls-ca-crt(?:=.*)?)$/)) return ['asks', asksProof, loopback];
  if (LOGIN.test(commandOf(args, valued))) return ['asks', asksProof, loopback];
  return has(args, /^(?:-w|--permit-write)$/) ? ['open', nothing, loopback] : ['unclear', notTold, loopback];
}

function shellinabox(args: readonly string[]): Told {
  const loopback = has(args, /^--localhost-only$/);
  const services = args.flatMap((word, index) => {
    if (word === '-s' || word === '--service') return [args[index + 1] ?? ''];
    return /^--service=/.test(word) ? [word.slice(10)] : /^-s./.test(word) ? [word.slice(2)] : [];
  });
  const open = services.some((service) => !/:(?:LOGIN|SSH|AUTH)(?::|$)/.test(service));
  return open ? ['open', nothing, loopback] : ['asks', asksProof, loopback];
}

function jupyter(args: readonly string[]): Told {
  const emptied = has(args, /^--(?:\w+\.)?token=(?:''|"")?$/);
  const password = has(args, /^--(?:\w+\.)?(?:hashed_)?password=(?!''$|""$|$)/);
  return emptied && !password ? ['open', nothing, local(args)] : undefined;
}

function netcat(args: readonly string[]): Told {
  if (!has(args, /^(?:-[a-zA-Z]*l[a-zA-Z]*|--listen)$/)) return undefined;
  const command = option(args, '-e', '-c', '--exec', '--sh-exec') ?? bundled(args);
  if (command === undefined) return undefined;
  return started(command, false);
}

/** `-lvpe /bin/sh`: the letter that takes a command stands last. */
function bundled(args: readonly string[]): string | undefined {
  const at = args.findIndex((word) => /^-[a-zA-Z]+[ec]$/.test(word));
  return at < 0 ? undefined : args[at + 1];
}

function socat(args: readonly string[]): Told {
  const listens = args.find((word) =>
    /^(?:tcp|tcp4|tcp6|openssl|ssl|sctp4?|sctp6)-(?:listen|l):/i.test(word),
  );
  const runs = args.find((word) => /^(?:exec|system|shell):/i.test(word));
  if (listens === undefined || runs === undefined) return undefined;
  // An OpenSSL listener wants a certificate of the client unless told otherwise.
  if (/^(?:openssl|ssl)/i.test(listens) && !/[,]verify=0\b/.test(listens)) return ['asks', asksProof];
  const command = (runs.slice(runs.indexOf(':') + 1).split(',')[0] ?? '').replace(/["']/g, '');
  return started(command, /[,]bind=\[?(?:127\.|localhost|::1)/.test(listens));
}

function started(command: string, loopback: boolean): Told {
  if (LOGIN.test(command)) return ['asks', asksProof, loopback];
  return SHELL.test(command) ? ['open', nothing, loopback] : ['unclear', notTold, loopback];
}

function docker(args: readonly string[]): Told {
  const hosts = args.flatMap((word, index) => {
    if (word === '-H' || word === '--host') return [args[index + 1] ?? ''];
    return /^(?:-H|--host=)/.test(word) ? [word.replace(/^(?:-H=?|--host=)/, '')] : [];
  });
  const tcp = hosts.filter((host) => host.startsWith('tcp:'));
  if (tcp.length === 0) return undefined;
  if (has(args, /^--tlsverify(?:=true|=1)?$/)) return ['asks', asksProof];
  return ['open', nothing, tcp.every((host) => LOCAL.test(host.replace(/^tcp:\/*/, '')))];
}
