/** Examples of login.session-timeout. */
import type { Example } from '../check.ts';

const PROFILE =
  'if [ "$PS1" ]; then\n  if [ -f /etc/bash.bashrc ]; then\n    . /etc/bash.bashrc\n  fi\nfi\nif [ -d /etc/profile.d ]; then\n  for i in /etc/profile.d/*.sh; do\n    if [ -r $i ]; then\n      . $i\n    fi\n  done\n  unset i\nfi\n';
const tree = (files: Example['tree']['files']): Example['tree'] => ({
  files: { '/etc/profile': PROFILE, '/etc/bash.bashrc': '[ -z "$PS1" ] && return\n', ...files },
});
const GOOD = 'TMOUT=900\nreadonly TMOUT\nexport TMOUT\n';

export const examples: readonly Example[] = [
  {
    name: 'three lines',
    outcome: 'pass',
    tree: tree({ '/etc/profile.d/tmout.sh': GOOD }),
    says: ['TMOUT=900'],
  },
  {
    name: 'one line with declare',
    outcome: 'pass',
    tree: tree({ '/etc/profile.d/a.sh': 'declare -xr TMOUT=600 # idle\n' }),
  },
  {
    name: 'in the file that the profile sources first',
    outcome: 'pass',
    tree: tree({ '/etc/bash.bashrc': 'export TMOUT="300"; readonly TMOUT\n' }),
  },
  {
    name: 'a later file tries to unset what is read-only',
    outcome: 'pass',
    tree: tree({
      '/etc/profile.d/a.sh': GOOD,
      '/etc/profile.d/z.sh': 'unset TMOUT\nTMOUT=0\n[ -n "$X" ] && TMOUT=0\n',
    }),
  },
  {
    name: 'logind ends idle sessions',
    outcome: 'pass',
    tree: tree({ '/etc/systemd/logind.conf.d/a.conf': '[Login]\nStopIdleSessionSec=10min\n' }),
    says: ['StopIdleSessionSec'],
  },
  {
    name: 'SUSE: the profile below /usr/etc',
    outcome: 'pass',
    tree: {
      files: {
        '/usr/etc/profile':
          'for s in /usr/etc/profile.d/*.sh /etc/profile.d/*.sh ; do\n  test -r $s && . $s\ndone\n',
        '/etc/profile.d/tmout.sh': GOOD,
      },
    },
  },
  { name: 'Debian as delivered', outcome: 'fail', tree: tree({}), says: ['not set'] },
  {
    name: 'only in comments',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': '# TMOUT=900\n#readonly TMOUT\n' }),
  },
  {
    name: 'a later file, in the order of names, unsets it',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': 'export TMOUT=900\n', '/etc/profile.d/z.sh': 'unset TMOUT\n' }),
    says: ['z.sh'],
  },
  {
    name: 'not read-only',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': 'export TMOUT=900\n' }),
    says: ['not read-only'],
  },
  {
    name: 'not exported',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': 'readonly TMOUT=900\n' }),
    says: ['not exported'],
  },
  {
    name: 'too long',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': 'declare -rx TMOUT=3600\n' }),
    says: ['3600'],
  },
  {
    name: 'zero switches it off',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/a.sh': 'declare -rx TMOUT=0\n' }),
  },
  {
    name: 'a file whose name the profile does not take',
    outcome: 'fail',
    tree: tree({ '/etc/profile.d/tmout.conf': GOOD }),
  },
  {
    name: 'logind: a later drop-in switches it off',
    outcome: 'fail',
    tree: tree({
      '/etc/systemd/logind.conf': '[Login]\nStopIdleSessionSec=600\n',
      '/usr/lib/systemd/logind.conf.d/z.conf': '[Login]\nStopIdleSessionSec=infinity\n',
    }),
  },
  {
    name: 'only under a condition',
    outcome: 'unknown',
    tree: tree({
      '/etc/profile.d/a.sh': 'if [ "$USER" != root ]; then\n  export TMOUT=900\n  readonly TMOUT\nfi\n',
    }),
    says: ['/etc/profile.d/a.sh'],
  },
  {
    name: 'from another variable',
    outcome: 'unknown',
    tree: tree({ '/etc/profile.d/a.sh': 'export TMOUT=$IDLE\n' }),
  },
  {
    name: 'a start file is a FIFO',
    outcome: 'unknown',
    tree: tree({ '/etc/profile.d/a.sh': { type: 'other' } }),
  },
];
