/** Hosts for patch.sources-trusted. Keys and signatures are gpg's own; the tests ask apt itself. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';
import { inRelease } from './apt-examples.ts';
import {
  CURRENT_KEY,
  CURRENT_SIGNATURE,
  ENDED_KEY,
  ENDED_SIGNATURE,
  SHA1_SIGNATURE,
  WEAK_KEY,
  WEAK_SIGNATURE,
} from './example-keyrings.ts';

const KEYRING = '/usr/share/keyrings/example.asc';
const STEM = '/var/lib/apt/lists/deb.example.org_debian_dists_bookworm';
const SOURCE = `deb [signed-by=${KEYRING}] http://deb.example.org/debian bookworm main\n`;
const CONFIG = '/usr/bin/apt-config dump --no-empty';
const DEFAULTS =
  'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nAPT::Architecture "amd64";\n';

const signed = (signature: string): string =>
  inRelease({ suite: 'stable', codename: 'bookworm' }).replace(/-----BEGIN PGP SIGNATURE-----\n$/, signature);

const files: Tree['files'] = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  '/usr/bin/apt-get': { text: '', mode: 0o755 },
  '/etc/apt/sources.list': SOURCE,
  [KEYRING]: CURRENT_KEY,
  [`${STEM}_InRelease`]: signed(CURRENT_SIGNATURE),
  [`${STEM}_main_binary-amd64_Packages`]: '',
};

const tree = (more: Tree['files'] = {}, config = ''): Tree => ({
  files: { ...files, ...more },
  commands: { [CONFIG]: DEFAULTS + config },
});
const withSource = (text: string, more: Tree['files'] = {}): Tree =>
  tree({ '/etc/apt/sources.list': text, ...more });
const without = (...paths: string[]): Tree['files'] =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
const deb822 = (more: string): Tree['files'] => ({
  '/etc/apt/sources.list': '',
  '/etc/apt/sources.list.d/vendor.sources': `Types: deb\nURIs: http://deb.example.org/debian\nSuites: bookworm\nComponents: main\n${more}`,
});
const embedded = `Signed-By:\n${CURRENT_KEY.trimEnd()
  .split('\n')
  .map((line) => ` ${line === '' ? '.' : line}`)
  .join('\n')}\n`;

const dnf = (repo: string, main = 'gpgcheck=1\n'): Tree => ({
  files: {
    '/etc/os-release': 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n',
    '/etc/dnf/dnf.conf': `[main]\n${main}`,
    '/etc/yum.repos.d/demo.repo': `[demo]\nname=Demo\nbaseurl=https://user:cAnArY@repo.example.org/demo\n${repo}`,
  },
});
const ZYPP_INDEX = '/var/cache/zypp/raw/demo/repodata/repomd.xml';
const key = (tree: Tree, path: string, text: string): Tree => ({
  ...tree,
  files: { ...tree.files, [path]: text },
});
const zypp = (repo: string, main = ''): Tree => ({
  files: {
    '/etc/os-release': 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="16.0"\n',
    '/etc/zypp/zypp.conf': `[main]\n${main}`,
    '/etc/zypp/repos.d/demo.repo': `[demo]\nenabled=1\nbaseurl=https://repo.example.org/demo\n${repo}`,
  },
});

export const sourcesTrustedExamples: readonly Example[] = [
  {
    name: 'signed by the key of its own keyring',
    outcome: 'pass',
    tree: tree(),
    says: ['ed25519, until 2028'],
  },
  {
    name: 'signed by a key among those that apt takes for every source',
    outcome: 'pass',
    tree: withSource('deb http://deb.example.org/debian bookworm main\n', {
      '/etc/apt/trusted.gpg.d/example.asc': CURRENT_KEY,
    }),
  },
  { name: 'the key is written into the source', outcome: 'pass', tree: tree(deb822(embedded)) },
  {
    name: 'an ended key beside the one that signed',
    outcome: 'pass',
    tree: tree({ [KEYRING]: ENDED_KEY + CURRENT_KEY, [`${STEM}_InRelease`]: signed(CURRENT_SIGNATURE) }),
  },
  {
    name: 'trusted=yes in a comment and in a source that is switched off',
    outcome: 'pass',
    tree: tree({
      '/etc/apt/sources.list': `# deb [trusted=yes] http://old.example.org/ ./\n${SOURCE}`,
      '/etc/apt/sources.list.d/old.sources':
        'Enabled: no\nTypes: deb\nURIs: http://old.example.org/\nSuites: ./\nTrusted: yes\n',
    }),
  },
  {
    name: 'unpacked system',
    outcome: 'pass',
    tree: { files, live: false },
  },
  {
    name: 'trusted=yes',
    outcome: 'fail',
    tree: withSource('deb [arch=amd64 trusted=yes] http://deb.example.org/debian bookworm main\n'),
    says: ['trusted=yes'],
  },
  {
    name: 'Trusted: yes in a deb822 source',
    outcome: 'fail',
    tree: tree(deb822(`Trusted: yes\nSigned-By: ${KEYRING}\n`)),
    says: ['/etc/apt/sources.list.d/vendor.sources', 'trusted=yes'],
  },
  {
    name: 'allow-insecure, with a password in the address that appears nowhere',
    outcome: 'fail',
    tree: withSource('deb [allow-insecure=yes] http://user:cAnArY@deb.example.org/debian bookworm main\n'),
    says: ['http://deb.example.org/debian bookworm: allow-insecure=yes'],
  },
  {
    name: 'apt installs what is not signed without asking',
    outcome: 'fail',
    tree: tree({}, 'APT::Get::AllowUnauthenticated "true";\n'),
    says: ['APT::Get::AllowUnauthenticated true'],
  },
  {
    name: 'unsigned sources are allowed for all',
    outcome: 'fail',
    tree: tree({}, 'Acquire::AllowInsecureRepositories "1";\n'),
  },
  {
    name: 'unsigned sources are allowed, in a file of an unpacked system',
    outcome: 'fail',
    tree: {
      files: {
        ...files,
        '/etc/apt/apt.conf.d/99lax': '// for now\nAcquire { AllowInsecureRepositories "yes"; };\n',
      },
      live: false,
    },
    says: ['AllowInsecureRepositories'],
  },
  {
    name: 'SHA-1 is taken for good again',
    outcome: 'fail',
    tree: tree({}, 'APT::Hashes::SHA1::Untrusted "no";\n'),
  },
  {
    name: 'an index without a signature lies on disk',
    outcome: 'fail',
    tree: {
      files: {
        ...without(`${STEM}_InRelease`),
        [`${STEM}_Release`]: 'Origin: Example\nSuite: stable\nCodename: bookworm\n',
      },
      commands: { [CONFIG]: DEFAULTS },
    },
    says: ['not signed'],
  },
  {
    name: 'the key that signed has ended',
    outcome: 'fail',
    tree: tree({ [KEYRING]: ENDED_KEY, [`${STEM}_InRelease`]: signed(ENDED_SIGNATURE) }),
    says: ['ended 2026-06-01'],
  },
  {
    name: 'the same two weeks before',
    outcome: 'pass',
    now: '2026-05-20T12:00:00.000Z',
    tree: tree({ [KEYRING]: ENDED_KEY, [`${STEM}_InRelease`]: signed(ENDED_SIGNATURE) }),
  },
  {
    name: 'the key that signed is DSA with 1024 bits',
    outcome: 'fail',
    tree: tree({ [KEYRING]: WEAK_KEY, [`${STEM}_InRelease`]: signed(WEAK_SIGNATURE) }),
    says: ['dsa1024'],
  },
  {
    name: 'a weak key that signs nothing today, and could tomorrow',
    outcome: 'fail',
    tree: tree({ [KEYRING]: CURRENT_KEY + WEAK_KEY }),
    says: ['may sign packages'],
  },
  {
    name: 'a signature over SHA-1',
    outcome: 'fail',
    tree: tree({ [`${STEM}_InRelease`]: signed(SHA1_SIGNATURE) }),
    says: ['sha1'],
  },
  {
    name: 'the keyring does not hold the key that signed',
    outcome: 'fail',
    tree: tree({ [`${STEM}_InRelease`]: signed(ENDED_SIGNATURE) }),
    says: ['none of its keyrings'],
  },
  {
    name: 'the keyring of a source that was never fetched is missing',
    outcome: 'fail',
    tree: withSource('deb [signed-by=/etc/apt/keyrings/gone.gpg] http://new.example.org/ stable main\n'),
    says: ['/etc/apt/keyrings/gone.gpg'],
  },
  {
    name: 'a disc from the installation, taken without a signature',
    outcome: 'fail',
    tree: tree(
      { '/etc/apt/sources.list': `deb cdrom:[Example 12]/ bookworm main\n${SOURCE}` },
      'APT::Authentication::TrustCDROM "true";\n',
    ),
    says: ['TrustCDROM'],
  },
  {
    name: 'that setting alone, as the installer leaves it behind',
    outcome: 'pass',
    tree: tree({}, 'APT::Authentication::TrustCDROM "true";\n'),
  },
  {
    name: 'dnf: gpgcheck for all',
    outcome: 'pass',
    tree: dnf('enabled=1\n'),
    says: ['https://repo.example.org/demo'],
  },
  {
    name: 'dnf: switched off for one source',
    outcome: 'fail',
    tree: dnf('gpgcheck=0\n'),
    says: ['demo.repo'],
  },
  { name: 'dnf: not switched on anywhere', outcome: 'fail', tree: dnf('', '') },
  { name: 'dnf: the index is signed instead', outcome: 'pass', tree: dnf('gpgcheck=0\nrepo_gpgcheck=1\n') },
  { name: 'dnf: any server is believed', outcome: 'fail', tree: dnf('sslverify=0\n'), says: ['any server'] },
  {
    name: 'dnf: signed packages from an unsigned index over http: no false package gets in, but it is said',
    outcome: 'pass',
    tree: dnf('baseurl=http://repo.example.org/demo\n'),
    says: ['whoever is in between can hide updates'],
  },
  { name: 'dnf: a source that is switched off', outcome: 'unknown', tree: dnf('enabled=0\ngpgcheck=0\n') },
  {
    name: 'dnf: the key of a source has ended',
    outcome: 'fail',
    tree: key(dnf('gpgkey=file:///etc/pki/rpm-gpg/KEY\n'), '/etc/pki/rpm-gpg/KEY', ENDED_KEY),
    says: ['/etc/pki/rpm-gpg/KEY', 'ended 2026-06-01'],
  },
  {
    name: 'dnf: of two keys one has ended',
    outcome: 'pass',
    tree: key(dnf('gpgkey=file:///etc/pki/rpm-gpg/KEY\n'), '/etc/pki/rpm-gpg/KEY', ENDED_KEY + CURRENT_KEY),
    says: ['until 2028'],
  },
  {
    name: 'dnf: the key lies on a server',
    outcome: 'pass',
    tree: dnf('gpgkey=https://repo.example.org/KEY\n'),
  },
  {
    name: 'zypper: the key that signed the index has ended, which zypper only warns of',
    outcome: 'fail',
    tree: key(key(zypp(''), `${ZYPP_INDEX}.key`, ENDED_KEY), `${ZYPP_INDEX}.asc`, ENDED_SIGNATURE),
    says: ['repomd.xml.key', 'ended 2026-06-01'],
  },
  {
    name: 'zypper: the key that signed the index is current, another one has ended',
    outcome: 'pass',
    tree: key(
      key(zypp(''), `${ZYPP_INDEX}.key`, ENDED_KEY + CURRENT_KEY),
      `${ZYPP_INDEX}.asc`,
      CURRENT_SIGNATURE,
    ),
    says: ['until 2028'],
  },
  {
    name: 'zypper: what apt has lying about says nothing of it',
    outcome: 'fail',
    tree: { ...tree(), files: { ...tree().files, ...zypp('gpgcheck=0\n').files } },
    says: ['no signature'],
  },
  { name: 'zypper: on by default', outcome: 'pass', tree: zypp('') },
  {
    name: 'zypper: --no-gpgcheck for one source',
    outcome: 'fail',
    tree: zypp('gpgcheck=0\n'),
    says: ['no signature'],
  },
  {
    name: 'zypper: neither index nor packages, whatever gpgcheck says',
    outcome: 'fail',
    tree: zypp('gpgcheck=1\nrepo_gpgcheck=0\npkg_gpgcheck=0\n'),
    says: ['no signature'],
  },
  { name: 'zypper: switched off for all', outcome: 'fail', tree: zypp('', 'gpgcheck = off\n') },
  {
    name: 'zypper: switched off for all by a file beside zypp.conf',
    outcome: 'fail',
    tree: {
      files: {
        ...zypp('', 'gpgcheck = on\n').files,
        '/etc/zypp/zypp.conf.d/own.conf': '[main]\ngpgcheck = off\n',
      },
    },
  },
  {
    name: 'zypper: zypp.conf can not be read',
    outcome: 'unknown',
    tree: { files: { ...zypp('').files, '/etc/zypp/zypp.conf': { unreadable: 'EIO' } } },
    says: ['EIO'],
  },
  {
    name: 'the keyring can not be read',
    outcome: 'unknown',
    tree: tree({ [KEYRING]: { unreadable: 'EACCES' } }),
    says: ['EACCES'],
  },
  {
    name: 'the keyring holds a web page instead of keys',
    outcome: 'unknown',
    tree: tree({ [KEYRING]: '<html>Not found</html>\n' }),
    says: ['holds no OpenPGP keys'],
  },
  {
    name: 'another program verifies for apt',
    outcome: 'unknown',
    tree: tree({}, 'APT::Key::gpgvcommand "/usr/local/bin/always-yes";\n'),
    says: ['gpgvcommand'],
  },
  { name: 'no source at all', outcome: 'unknown', tree: withSource('# nothing\n') },
  {
    name: 'apt-config gives no answer',
    outcome: 'unknown',
    tree: { files, commands: { [CONFIG]: { unreadable: 'no answer within 10 s' } } },
  },
];
