/** A Debian package, with dpkg-deb(1). The same files give the same bytes. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasSource, source, type TreeFile, writeTree } from './package-tree.ts';
import { type Architecture, architectures, type Product, version } from './product.ts';
import { runTool } from './run-tool.ts';

export interface DebOptions {
  readonly product: Product;
  readonly architecture: Architecture;
  readonly files: readonly TreeFile[];
  /** Seconds since 1970 that everything in it bears. */
  readonly seconds: number;
  readonly output: string;
  /** `quick` is for tests. */
  readonly effort: 'small' | 'quick';
}

/** Not zstd: Debian 11 does not know it. */
const COMPRESSION = { small: ['-Zxz', '-z2'], quick: ['-Znone'] } as const;
/** Those that a product has. */
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'];

/** What is in the executable needs no more than this: Debian 10 and later have it. */
const DEPENDS = 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 8), init-system-helpers (>= 1.54~)';

export function makeDeb({ product, architecture, files, seconds, output, effort }: DebOptions): void {
  const root = `${output}.tree`;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(dirname(output), { recursive: true });
  writeTree(files, root, seconds);
  const control = join(root, 'DEBIAN');
  mkdirSync(control, { mode: 0o755 });
  const contents = files.filter(({ path }) => !path.endsWith('/'));
  const bytes = contents.map(({ path }) => readFileSync(join(root, path)));
  const write = (name: string, text: string, mode = 0o644): void => {
    const file = join(control, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    utimesSync(file, seconds, seconds);
  };
  write(
    'control',
    `Package: ${product.name}
Version: ${version}
Architecture: ${architectures[architecture].deb}
Maintainer: The Nachweis contributors <nachweis@example.org>
Installed-Size: ${Math.ceil(bytes.reduce((sum, { length }) => sum + length, 0) / 1024)}
Depends: ${product.name === 'nachweis' ? DEPENDS : `${DEPENDS}, systemd | systemd-standalone-sysusers`}
Section: admin
Priority: optional
Description: ${product.summary}
${source(product, 'description').trimEnd().replaceAll(/^/gm, ' ').replaceAll(/^ $/gm, ' .')}
`,
  );
  write(
    'conffiles',
    files
      .filter(({ config }) => config)
      .map(({ path }) => `${path}\n`)
      .join(''),
  );
  write(
    'md5sums',
    contents
      .filter(({ config }) => !config)
      .map(
        ({ path }) =>
          `${createHash('md5')
            .update(readFileSync(join(root, path)))
            .digest('hex')}  ${path.slice(1)}\n`,
      )
      .sort()
      .join(''),
  );
  for (const name of SCRIPTS.filter((one) => hasSource(product, `deb-${one}.sh`)))
    write(name, source(product, `deb-${name}.sh`), 0o755);
  utimesSync(control, seconds, seconds);
  utimesSync(root, seconds, seconds);
  runTool(['dpkg-deb', '--root-owner-group', ...COMPRESSION[effort], '--build', root, output], {
    // Newer ones use all processors, and the number of blocks shows in the bytes.
    env: { SOURCE_DATE_EPOCH: String(seconds), DPKG_DEB_THREADS_MAX: '1' },
  });
  rmSync(root, { recursive: true });
}
