/** Small hosts for access.root-path. */
import type { Example } from '../check.ts';

const SAFE = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As Debian 11 to 13 deliver it, shortened. */
const PROFILE = `if [ "$(id -u)" -eq 0 ]; then
  PATH="${SAFE}"
else
  PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
fi
export PATH

if [ -d /etc/profile.d ]; then
  for i in /etc/profile.d/*.sh; do
    if [ -r $i ]; then
      . $i
    fi
  done
  unset i
fi
`;
const tree = (files: Example['tree']['files']): Example['tree'] => ({
  files: {
    '/etc/profile': PROFILE,
    '/etc/login.defs': `ENV_SUPATH\tPATH=${SAFE}\n`,
    '/root/.profile':
      'if [ "$BASH" ]; then\n  if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\n  fi\nfi\nmesg n || true\n',
    ...files,
  },
});
const with_ = (line: string): Example['tree'] => tree({ '/etc/profile.d/site.sh': `${line}\n` });

export const examples: readonly Example[] = [
  { name: 'as delivered by Debian', outcome: 'pass', tree: tree({}), says: ['/etc/login.defs'] },
  {
    name: 'as delivered by the Red Hat family',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/profile': `pathmunge () {\n    case ":\${PATH}:" in\n        *:"$1":*)\n            ;;\n        *)\n            if [ "$2" = "after" ] ; then\n                PATH=$PATH:$1\n            else\n                PATH=$1:$PATH\n            fi\n    esac\n}\nif [ "$EUID" = "0" ]; then\n    pathmunge /usr/sbin\n    pathmunge /usr/local/sbin\nfi\n`,
        '/root/.bash_profile': 'PATH=$PATH:$HOME/bin\n\nexport PATH\n',
      },
    },
  },
  {
    name: 'a directory that is named in a variable, after the idiom for an empty PATH',
    outcome: 'pass',
    tree: with_(`tools=/opt/tools/bin\nexport PATH="$tools\${PATH:+:\${PATH}}"`),
  },
  {
    name: 'a bad value that the same file replaces, comments and other variables',
    outcome: 'pass',
    tree: with_(`PATH=.:/usr/bin\nPATH=${SAFE}\n# PATH=.\nMANPATH=.:\nPATH=. true`),
  },
  {
    name: 'the current directory in front',
    outcome: 'fail',
    tree: with_('export PATH=.:$PATH'),
    says: ['/etc/profile.d/site.sh', 'relative'],
  },
  { name: 'a colon at the end', outcome: 'fail', tree: with_('PATH="$PATH:"'), says: ['empty'] },
  { name: 'two colons', outcome: 'fail', tree: tree({ '/root/.bashrc': 'PATH=/usr/bin::/bin\n' }) },
  { name: 'a relative directory', outcome: 'fail', tree: tree({ '/root/.profile': 'PATH=$PATH:bin\n' }) },
  { name: 'a tilde in quotes', outcome: 'fail', tree: with_('PATH="~/bin:$PATH"'), says: ['~/bin'] },
  {
    name: 'a world-writable directory',
    outcome: 'fail',
    tree: tree({
      '/opt/tools': { directory: true, mode: 0o777 },
      '/etc/profile.d/t.sh': 'PATH=$PATH:/opt/tools\n',
    }),
    says: ['/opt/tools'],
  },
  {
    name: 'a directory that anybody can make',
    outcome: 'fail',
    tree: tree({
      '/tmp': { directory: true, mode: 0o1777 },
      '/etc/profile.d/t.sh': 'PATH=$PATH:/tmp/bin\n',
    }),
    says: ['/tmp/bin'],
  },
  {
    name: 'a directory of somebody else',
    outcome: 'fail',
    tree: tree({
      '/home/anna/bin': { directory: true, uid: 1000, mode: 0o755 },
      '/root/.bashrc': 'PATH=/home/anna/bin:$PATH\n',
    }),
    says: ['does not belong to root'],
  },
  {
    name: 'a directory of a group that has a member',
    outcome: 'fail',
    tree: tree({
      '/usr/local/bin': { directory: true, gid: 50, mode: 0o2775 },
      '/etc/group': 'root:x:0:\nstaff:x:50:anna\n',
      '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
    }),
    says: ['/usr/local/bin', 'group'],
  },
  {
    name: 'a directory of a group without members, as on systems upgraded from old ones',
    outcome: 'pass',
    tree: tree({
      '/usr/local/bin': { directory: true, gid: 50, mode: 0o2775 },
      '/etc/group': 'root:x:0:\nstaff:x:50:\n',
      '/etc/passwd': 'root:x:0:0::/root:/bin/bash\n',
    }),
  },
  {
    name: 'a variable in /etc/environment, where it means nothing',
    outcome: 'fail',
    tree: tree({ '/etc/environment': 'PATH="/opt/bin:$PATH"\n' }),
    says: ['/etc/environment'],
  },
  {
    name: 'login.defs',
    outcome: 'fail',
    tree: tree({ '/etc/login.defs': 'ENV_SUPATH PATH=/sbin:/bin:.\n' }),
    says: ['/etc/login.defs'],
  },
  {
    name: 'a file that a start file reads',
    outcome: 'fail',
    tree: tree({ '/root/.profile': '. "$HOME/.env"\n', '/root/.env': 'PATH=.:$PATH\n' }),
    says: ['/root/.env'],
  },
  {
    name: 'under a condition',
    outcome: 'unknown',
    tree: with_('if [ -n "$TOOLS" ]; then\n  PATH=.:$PATH\nfi'),
  },
  { name: 'from another program', outcome: 'unknown', tree: with_('PATH=$(/opt/site/path)') },
  {
    name: 'a start file can not be read',
    outcome: 'unknown',
    tree: tree({ '/root/.profile': { unreadable: 'EACCES' } }),
  },
];
