/** Examples of password.cloud-init. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';
import { unpacked } from '../login/sshd-trees.ts';

const INSTANCE = '/var/lib/cloud/instances/i-1';
const PLAIN = 'Rosen-blau-77';
const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const tree = (files: Readonly<Record<string, Node>>): Example['tree'] => ({
  files: { '/etc/cloud/cloud.cfg': 'users:\n - default\ndisable_root: true\nssh_pwauth: false\n', ...files },
});
const data = (text: string): Example['tree'] =>
  tree({ [`${INSTANCE}/user-data.txt`]: { text, mode: 0o600 } });
const config = (text: string): Example['tree'] => data(`#cloud-config\n${text}`);
/** `#cloud-config`, `password: Rosen-blau-77`; the second one packed with gzip before. */
const BASE64 = 'I2Nsb3VkLWNvbmZpZwpwYXNzd29yZDogUm9zZW4tYmxhdS03Nwo=';
const GZIP = 'H4sIAAAAAAACA1NOzskvTdFNzs9Ly0znKkgsLi7PL0qxUgjKL07N003KSSzVNTfnAgDEGdfNJgAAAA==';
const mime = (body: string, more = ''): string =>
  `Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n\n--==\nContent-Type: text/cloud-config\n${more}\n${body}\n--==--\n`;
const drop = { '/etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\n' };

export const examples: readonly Example[] = [
  {
    name: 'keys and hashes only',
    outcome: 'pass',
    tree: config(`users:\n - name: anna\n   passwd: ${HASH}\n   lock_passwd: false\nssh_pwauth: false\n`),
    says: ['2 files'],
  },
  { name: 'installed, and no instance', outcome: 'pass', tree: tree({}) },
  {
    name: 'hashes and passwords made up by cloud-init',
    outcome: 'pass',
    tree: config(
      `chpasswd:\n  expire: false\n  list: |\n    root:RANDOM\n    anna:${HASH}\n  users:\n  - {name: bert, type: RANDOM}\n`,
    ),
  },
  {
    name: 'a script that has nothing to do with it',
    outcome: 'pass',
    tree: data(
      "#!/bin/sh\nsed -i 's/^PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config\n",
    ),
  },
  {
    name: 'cloud-init’s file for sshd has no effect',
    outcome: 'pass',
    tree: {
      ...unpacked('PasswordAuthentication no\nInclude /etc/ssh/sshd_config.d/*.conf\n', drop),
    },
  },
  {
    name: 'a password for the default account',
    outcome: 'fail',
    tree: config(`password: ${PLAIN}\n`),
    says: ['(password)', '"line":2'],
  },
  { name: 'one that is a number', outcome: 'fail', tree: config('password: 12345678\n') },
  {
    name: 'plain_text_passwd',
    outcome: 'fail',
    tree: config(`users:\n - name: anna\n   plain_text_passwd: ${PLAIN}\n`),
    says: ['(plain_text_passwd)', '"line":4'],
  },
  {
    name: 'plain text where a hash belongs',
    outcome: 'fail',
    tree: config(`users:\n - name: anna\n   passwd: ${PLAIN}\n`),
  },
  {
    name: 'chpasswd with a text',
    outcome: 'fail',
    tree: config(`chpasswd:\n  list: |\n    root:RANDOM\n    anna:${PLAIN}\n`),
    says: ['(list of chpasswd)'],
  },
  { name: 'chpasswd with a list', outcome: 'fail', tree: config(`chpasswd: {list: ["anna:${PLAIN}"]}\n`) },
  {
    name: 'chpasswd with users',
    outcome: 'fail',
    tree: config(`chpasswd:\n  users:\n  - {name: anna, password: ${PLAIN}, type: text}\n`),
  },
  {
    name: 'named once and used elsewhere',
    outcome: 'fail',
    tree: config(`x: &p ${PLAIN}\npassword: *p\n`),
  },
  {
    name: 'password login turned on',
    outcome: 'fail',
    tree: config('ssh_pwauth: yes\n'),
    says: ['turns on', 'ssh_pwauth'],
  },
  {
    name: 'in a drop-in of the configuration, with nested data',
    outcome: 'fail',
    tree: tree({
      '/etc/cloud/cloud.cfg.d/99-installer.cfg': `datasource:\n  None:\n    userdata_raw: |\n      #cloud-config\n      password: ${PLAIN}\n`,
    }),
    says: ['99-installer.cfg'],
  },
  {
    name: 'vendor data, and user data in a seed',
    outcome: 'fail',
    tree: tree({
      [`${INSTANCE}/vendor-data.txt`]: '#cloud-config\nssh_pwauth: true\n',
      '/var/lib/cloud/seed/nocloud-net/user-data': `#cloud-config\npassword: ${PLAIN}\n`,
    }),
    says: ['/var/lib/cloud/seed/nocloud-net/user-data', 'vendor-data.txt'],
  },
  { name: 'in base64', outcome: 'fail', tree: data(BASE64) },
  { name: 'in gzip', outcome: 'fail', tree: data(atob(GZIP)) },
  { name: 'in gzip in base64', outcome: 'fail', tree: data(GZIP) },
  { name: 'in a part of MIME', outcome: 'fail', tree: data(mime(`#cloud-config\npassword: ${PLAIN}`)) },
  {
    name: 'in a part of MIME, in base64',
    outcome: 'fail',
    tree: data(mime(BASE64, 'Content-Transfer-Encoding: base64\n')),
  },
  {
    name: 'in a part of MIME that says what it is in its header',
    outcome: 'fail',
    tree: data(mime(`password: ${PLAIN}`)),
  },
  {
    name: 'in an archive',
    outcome: 'fail',
    tree: data(
      `#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    #cloud-config\n    password: ${PLAIN}\n`,
    ),
  },
  {
    name: 'sshd goes by the file that cloud-init wrote',
    outcome: 'fail',
    tree: unpacked('Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n', drop),
    says: ['50-cloud-init.conf', '"line":1'],
  },
  {
    name: 'cloud-init was never here',
    outcome: 'not-applicable',
    tree: { files: { '/etc/os-release': 'ID=debian\n' } },
  },
  {
    name: 'user data that can not be read',
    outcome: 'unknown',
    tree: tree({ [`${INSTANCE}/user-data.txt`]: { unreadable: 'permission denied' } }),
  },
  {
    name: 'a script that sets one',
    outcome: 'unknown',
    tree: data(`#!/bin/sh\necho root:${PLAIN} | chpasswd\n`),
    says: ['script'],
  },
  {
    name: 'a command that sets one',
    outcome: 'unknown',
    tree: config(`runcmd:\n - echo root:${PLAIN} | chpasswd\n`),
    says: ['command'],
  },
  {
    name: 'damaged gzip',
    outcome: 'unknown',
    tree: data('\u001f\u008b\u0008\u0000nothing'),
  },
  {
    name: 'damaged base64 in a part of MIME',
    outcome: 'unknown',
    tree: data(mime(`${BASE64}=A=`, 'Content-Transfer-Encoding: base64\n')),
  },
  { name: 'no YAML', outcome: 'unknown', tree: config(`password: [${PLAIN}\n`) },
];
