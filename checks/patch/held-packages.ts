/** patch.held-packages: what is held back gets no security update either. */
import { z } from 'zod';
import type { Example } from '../check.ts';
import { always, defineCheck, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { packageLocks } from '../facts/package-locks.ts';

const status = (wanted: string, state = 'installed'): string =>
  `Package: openssl\nStatus: ${wanted} ok ${state}\nArchitecture: amd64\nVersion: 3.0.1\n`;
const tree = (text: string): Example['tree'] => ({ files: { '/var/lib/dpkg/status': text } });
const rpm = { '/usr/lib/sysimage/rpm/rpmdb.sqlite': '' };

export const heldPackages = defineCheck({
  id: 'patch.held-packages',
  title: { en: 'No package is held back', de: 'Kein Paket wird zurückgehalten' },
  why: {
    en: 'A hold outlives its reason: the package stays at its version, whatever holes are found in it.',
    de: 'Eine Sperre überdauert ihren Anlass: Das Paket bleibt auf seiner Version stehen, welche Lücken auch immer gefunden werden.',
  },
  remedy: {
    en: 'Release what is held (apt-mark unhold, dnf versionlock delete, exclude= in dnf.conf, zypper removelock), or have the exception agreed on and name the package in the parameter allowed.',
    de: 'Sperren aufheben (apt-mark unhold, dnf versionlock delete, exclude= in dnf.conf, zypper removelock) oder die Ausnahme genehmigen lassen und das Paket im Parameter allowed nennen.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** Packages whose hold is agreed on, by name. */
    allowed: z.array(z.string().max(200)).max(100).default([]),
  }),
  needs: { locks: packageLocks },
  appliesTo: always,
  evaluate: ({ locks: fact }, { allowed }) => {
    const locks = valueIn(fact);
    const wanted = { en: 'not held back', de: 'nicht zurückgehalten' };
    const show = ({ name, source, line }: (typeof locks)[number]) =>
      evidence({
        source,
        line,
        found: { en: `${name} is held back`, de: `${name} wird zurückgehalten` },
        wanted,
      });
    const open = locks.filter(({ name }) => !allowed.includes(name));
    if (open.length > 0) return fail(open.map(show));
    if (locks.length > 0) return pass(locks.map(show));
    const found = { en: 'nothing is held back', de: 'nichts wird zurückgehalten' };
    return pass([evidence({ source: 'apt-mark showhold', found, wanted })]);
  },
  references: ['BSI IT-Grundschutz: OPS.1.1.3.A15', 'ISO/IEC 27001:2022 A.8.8', 'apt-mark(8)'],
  examples: [
    { name: 'nothing held', outcome: 'pass', tree: tree(status('install')) },
    { name: 'held', outcome: 'fail', tree: tree(status('hold')), says: ['openssl'] },
    {
      name: 'held, as agreed',
      outcome: 'pass',
      params: { allowed: ['openssl'] },
      tree: tree(status('hold')),
    },
    {
      name: 'held once, removed since',
      outcome: 'pass',
      tree: tree(status('hold', 'config-files')),
    },
    {
      name: 'locked with dnf versionlock',
      outcome: 'fail',
      tree: { files: { ...rpm, '/etc/dnf/plugins/versionlock.list': '# added\nopenssl-1:3.0.7-27.el9.*\n' } },
      says: ['openssl-1:3.0.7'],
    },
    {
      name: 'excluded in dnf.conf',
      outcome: 'fail',
      tree: {
        files: { ...rpm, '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\nexclude=kernel*,openssl\n  glibc\n' },
      },
      says: ['kernel*', 'openssl', 'glibc'],
    },
    {
      name: 'all but a few are left out by dnf.conf',
      outcome: 'fail',
      tree: { files: { ...rpm, '/etc/dnf/dnf.conf': '[main]\nincludepkgs=kernel*, glibc\n' } },
      says: ['includepkgs'],
    },
    {
      name: 'one source is kept from what another one brings',
      outcome: 'pass',
      tree: { files: { ...rpm, '/etc/dnf/dnf.conf': '[main]\n[own]\nexclude=postgresql*\n' } },
    },
    {
      name: 'locked with zypper',
      outcome: 'fail',
      tree: {
        files: { ...rpm, '/etc/zypp/locks': '\ntype: package\nmatch_type: glob\nsolvable_name: openssl*\n' },
      },
    },
    { name: 'rpm without locks', outcome: 'pass', tree: { files: rpm } },
    { name: 'no package manager that is known', outcome: 'unknown', tree: { files: {} } },
    {
      name: 'the list of packages can not be read',
      outcome: 'unknown',
      tree: { files: { '/var/lib/dpkg/status': { unreadable: 'EIO' } } },
    },
  ],
});
