/** apt's configuration files read as apt-config reads them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AptSetting, addAptConf } from '../../../checks/facts/apt-conf-file.ts';
import { aptList, parseAptSettings } from '../../../checks/facts/apt-config.ts';
import { describeWith } from '../../support/programs.ts';

describeWith(['apt-get'], 'apt configuration files with real apt-config', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'nachweis-aptconf-'));
    mkdirSync(join(base, 'etc/apt/apt.conf.d'), { recursive: true });
    writeFileSync(join(base, 'first'), `Dir "${base}/";\n`);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  /** What apt says of files, without what it says without any. */
  function real(files: Readonly<Record<string, string>>): AptSetting[] {
    const dump = (): AptSetting[] =>
      parseAptSettings(
        execFileSync('apt-config', ['dump', '--no-empty'], {
          encoding: 'utf8',
          env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', APT_CONFIG: join(base, 'first') },
        }),
      );
    const before = new Set(dump().map((each) => JSON.stringify(each)));
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(base, 'etc/apt/apt.conf.d', name), text);
    return dump().filter((each) => !before.has(JSON.stringify(each)));
  }

  function read(files: Readonly<Record<string, string>>): AptSetting[] {
    let settings: readonly AptSetting[] = [];
    for (const name of Object.keys(files).sort()) settings = addAptConf(settings, files[name] ?? '');
    return settings.filter(({ value }) => value !== '');
  }

  const lower = (settings: readonly AptSetting[]) =>
    settings.map(({ name, value }) => `${name.toLowerCase()} ${value}`).sort();

  const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'values, blocks and lists': {
      '10a': 'APT::Periodic::Enable "1";\nX-A { B "2"; C { "x"; "y"; }; D:: "z"; };\nX-A::C:: "more";\n',
      '20b': 'x-a::b "3";\nX-A::E { F "4"; G "5"; };\n',
    },
    comments: {
      '10a':
        '// X-A "1";\n# X-B "2";\n/* X-C "3";\n X-D "4"; */\nX-E "http://example.org/#x"; // X-F "5";\nX-G "6"; # X-H "7";\n',
    },
    'a list that is cleared and filled anew': {
      '50x': 'X-U::Origins { "a"; "b"; };\nX-U::Other "1";\n',
      '52y': '#clear X-U::Origins;\nX-U::Origins { "c"; };\n',
    },
    'a value and a block of one name': { '10a': 'X-A "v" { B "1"; };\nX-A { C "2"; }\n' },
    'values without quotation marks': { '10a': 'X-A yes;\nX-B /usr/bin/true;\nX-C::D 3 ;\n' },
    'everything on one line': { '10a': 'X-A{B{"1";"2";};};X-C "3";' },
    'a pattern with macros': {
      '50unattended-upgrades':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: macros of unattended-upgrades
        'X-U::Origins-Pattern {\n//      "origin=Debian,codename=${distro_codename}-updates";\n        "origin=Debian,codename=${distro_codename},label=Debian";\n};\n',
    },
  };
  it.each(Object.entries(cases))('%s', (_name, files) => {
    const truth = real(files);
    expect(truth.length).toBeGreaterThan(0);
    expect(lower(read(files))).toEqual(lower(truth));
  });

  it('keeps the order of a list', () => {
    const files = { '10a': 'X-L { "c"; "a"; "b"; };\n' };
    expect(aptList(read(files), 'x-l')).toEqual(['c', 'a', 'b']);
    expect(aptList(real(files), 'x-l')).toEqual(['c', 'a', 'b']);
  });

  it('the files of this machine', () => {
    const folder = '/etc/apt/apt.conf.d';
    const files = Object.fromEntries(
      readdirSync(folder)
        .filter((name) => /^[A-Za-z0-9_-]+(?:\.conf)?$/.test(name))
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    // apt makes a list of this one setting itself.
    const truth = lower(real(files)).filter((line) => !line.startsWith('acquire::languages'));
    expect(lower(read(files))).toEqual(expect.arrayContaining(truth));
  });
});
