/** Where a repository is, by its name: restic's "Preparing a new repository", borg(1) "Repository URLs", duplicity(1) "URL format". Pure. */

export type Place =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'host'; readonly host: string }
  /** Object storage that belongs to a service, whatever its address. */
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'rclone'; readonly remote: string };

const SERVICES: Readonly<Record<string, string>> = {
  b2: 'Backblaze B2',
  azure: 'Azure Blob Storage',
  gs: 'Google Cloud Storage',
};

/** Schemes of duplicity whose storage belongs to a service; the address names a bucket or a folder. duplicity(1) "URL format" */
const BUCKETS =
  /^(azure|b2|boto3\+s3|s3\+http|s3|cf\+http|dpbx|gdocs|gdrive|gs|hubic|mega|megav2|mega3|mf|onedrive|pca|pydrive|swift|slate|jottacloud|box):\/\//;

/** Undefined where the name does not tell, such as one with a variable. */
export function repositoryPlace(location: string): Place | undefined {
  // duplicity: with recovery data beside each file.
  const text = location.trim().replace(/^par2\+/, '');
  if (text === '' || /[$`\s]/.test(text)) return undefined;
  const local = /^(?:local:|file:\/\/)?(\/.*)$/.exec(text)?.[1];
  if (local !== undefined) return { kind: 'path', path: local };
  // A file that names several places, or a grid: nothing is told by the name.
  if (/^(?:multi|tahoe|hsi|fish|ftps?\+file):\/\//.test(text)) return undefined;
  const bucket = BUCKETS.exec(text)?.[1];
  if (bucket !== undefined) return { kind: 'service', service: bucket };
  const rclone = /^rclone:(?:\/\/)?([^:]+):/.exec(text)?.[1];
  if (rclone !== undefined) return { kind: 'rclone', remote: rclone };
  const service = SERVICES[/^([a-z0-9]+):/.exec(text)?.[1] ?? ''];
  if (service) return { kind: 'service', service };
  const url = /^(?:(?:rest|s3|sftp):)?[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1];
  const s3 = /^s3:([^/]+)/.exec(text)?.[1];
  const scp = /^(?:sftp:)?([^/\s]+?|[^/\s]*\[[^\]]+\]):/.exec(text)?.[1];
  const bare = /^[A-Za-z0-9_.-]+(?:@[A-Za-z0-9.-]+)?$/.test(text) ? text : undefined;
  const host = (url ?? s3 ?? scp ?? bare)
    ?.replace(/^.*@/, '')
    .replace(/^\[([^\]]+)\].*$/, '$1')
    .replace(/^([^:]+):\d+$/, '$1');
  return host ? { kind: 'host', host: host.toLowerCase() } : undefined;
}

/** The host of a network file system's source: `vault:/srv`, `//vault/share`, `anna@vault:/srv`. */
export function mountedHost(source: string): string | undefined {
  const host = /^\/\/([^/]+)\//.exec(source)?.[1] ?? /^(.+):/.exec(source)?.[1];
  return host
    ?.replace(/^.*@/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}
