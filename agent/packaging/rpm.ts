/** An RPM, with rpmbuild(8): for RHEL and SUSE and their kin. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { source, type TreeFile, writeTree } from './package-tree.ts';
import { type Architecture, architectures, type Product, version } from './product.ts';
import { runTool } from './run-tool.ts';

export interface RpmOptions {
  readonly product: Product;
  readonly architecture: Architecture;
  readonly files: readonly TreeFile[];
  readonly seconds: number;
  readonly output: string;
  /** `quick` is for tests. */
  readonly effort: 'small' | 'quick';
}

export function makeRpm({ product, architecture, files, seconds, output, effort }: RpmOptions): void {
  const work = `${output}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(dirname(output), { recursive: true });
  const root = join(work, 'root');
  writeTree(files, root, seconds);
  const spec = join(work, `${product.name}.spec`);
  writeFileSync(spec, specOf(product, files));
  const target = architectures[architecture].rpm;
  const settings = {
    _topdir: work,
    _rpmdir: work,
    _build_name_fmt: 'made.rpm',
    _buildhost: 'localhost',
    _binary_payload: effort === 'small' ? 'w2.xzdio' : 'w.ufdio',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // Nothing is to be stripped, compressed or compiled: the files are what they are.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    _build_id_links: 'none',
    staged: root,
  };
  const defines = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  runTool(['rpmbuild', '-bb', '--target', `${target}-linux`, ...defines, spec], {
    env: { SOURCE_DATE_EPOCH: String(seconds), HOME: work },
  });
  renameSync(join(work, 'made.rpm'), output);
  rmSync(work, { recursive: true });
}

function specOf(product: Product, files: readonly TreeFile[]): string {
  const listed = files.map(({ path, config, mode }) => {
    const directory = path.endsWith('/');
    const octal = (mode ?? (directory ? 0o755 : 0o644)).toString(8).padStart(4, '0');
    const kind = directory
      ? '%dir '
      : config
        ? '%config(noreplace) '
        : path.includes('/share/doc/')
          ? '%doc '
          : '';
    return `%attr(${octal},root,root) ${kind}${directory ? path.slice(0, -1) : path}`;
  });
  const scripts = ['pre', 'post', 'preun', 'postun'].map(
    (name) => `%${name}\n${source(product, `rpm-${name}.sh`)}`,
  );
  return `Name: ${product.name}
Version: ${version}
Release: 1
Summary: ${product.summary}
License: Apache-2.0
Group: System/Management
AutoReqProv: no
Requires: glibc >= 2.28, libstdc++, libgcc, systemd

%description
${source(product, 'description').trimEnd()}

%install
cp -a %{staged}/. %{buildroot}/

${scripts.join('\n')}
%files
${listed.join('\n')}
`;
}
