/**
 * What the client of IBM Storage Protect takes, by dsm.sys, dsm.opt and its include-exclude list as documented ("Client
 * options reference": domain, exclude options, inclexcl). Directories that EXCLUDE.DIR names are left out whatever any
 * include says, of the server as well. For all else the server's options come first: what they say is not known here.
 */
import { type Select, lines as textLines } from './backup-patterns.ts';
import { cleanPath, stepsTo } from './path-glob.ts';
import { storageProtectClient } from './storage-protect-config.ts';

export const storageProtectSelection: Select = async (notes, call) => {
  const { paths } = call;
  const client = await storageProtectClient(notes.host, notes.mayAdd);
  const stanza = client?.stanzaOf(call);
  if (!stanza)
    notes.mayAdd.push({ en: 'there is no usable dsm.sys', de: 'es gibt keine brauchbare dsm.sys' });
  const statements = [...(stanza?.statements ?? [])];
  const lists = statements.flatMap((row) => /^incl(?:e|ex|exc|excl)?\s+["']?([^"']+)/i.exec(row)?.[1] ?? []);
  for (const list of lists) statements.push(...(await textLines(notes, list.trim(), notes.mayDrop)));
  notes.mayDrop.push({
    en: 'the server of Storage Protect may set options that leave out more (dsmc query inclexcl, dsmc query optionset)',
    de: 'der Server von Storage Protect kann mit Optionen mehr auslassen (dsmc query inclexcl, dsmc query optionset)',
  });
  const closed = new Set<string>();
  const domain: string[] = [];
  for (const statement of statements) {
    const [, key = '', value = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(statement) ?? [];
    const plain = value.replace(/^(["'])(.*)\1$/, '$2');
    if (/^dom(?:a|ai|ain)?$/i.test(key))
      domain.push(...value.split(/\s+/).map((word) => word.replace(/["']/g, '')));
    else if (/^excl(?:u|ud|ude)?\.dir$/i.test(key) && /^\/[^*?[\]]*$/.test(plain) && !plain.includes('/...'))
      closed.add(cleanPath(plain));
    else if (/^excl(?:u|ud|ude)?(?:\.(?:dir|fs|backup|file|file\.backup))?$/i.test(key)) {
      notes.mayDrop.push({
        en: `the pattern "${plain}" of ${client?.source} is not read`,
        de: `das Muster „${plain}“ aus ${client?.source} wird nicht gelesen`,
      });
    }
  }
  const all = domain.length === 0 || domain.some((word) => /^all-local$/i.test(word));
  const left = domain.filter((word) => word.startsWith('-'));
  if (left.length > 0) {
    notes.mayDrop.push({
      en: `DOMAIN leaves out ${left.join(' ')}`,
      de: `DOMAIN lässt ${left.join(' ')} aus`,
    });
  }
  if (!all && paths.length === 0) {
    notes.mayAdd.push({
      en: 'the schedule of the server may name file systems that DOMAIN does not',
      de: 'der Zeitplan des Servers kann Dateisysteme nennen, die DOMAIN nicht nennt',
    });
  }
  const own = all ? ['/'] : domain.filter((word) => word.startsWith('/'));
  return {
    paths: paths.length > 0 ? paths.map((path) => path.replace(/(?<=.)\/\*?$/, '')) : own,
    keeps: (path) => !stepsTo(path, '/').some((step) => closed.has(step)),
    tags: [],
    oneFileSystem: false,
  };
};
