/** Kernel releases (`uname -r`) and their order on Debian and Ubuntu. Pure. */
import { compareVersions } from './dpkg-version.ts';

/** Flavours of Debian and Ubuntu kernels: the part of the release that says nothing about how new it is. */
const FLAVOUR =
  /-(?:cloud-|rt-)?(?:amd64|arm64|armmp(?:-lpae)?|686(?:-pae)?|ppc64el|powerpc64le|s390x|riscv64|loong64)(?:-16k)?$|-(?:generic(?:-64k|-lpae)?|lowlatency|virtual|kvm|realtime|aws|azure|azure-fde|gcp|gke|oracle|ibm|oem|raspi|nvidia)$/;

/** Negative when `a` is older than `b`; zero also for two flavours of the same version. */
export function compareKernels(a: string, b: string): number {
  const [left, right] = [a.replace(FLAVOUR, ''), b.replace(FLAVOUR, '')];
  return compareVersions(left, right);
}

/**
 * The package version that the running kernel was built from, where the kernel states it: Debian in /proc/version
 * (`#1 SMP PREEMPT_DYNAMIC Debian 6.1.159-1 (2025-12-30)`), Ubuntu in /proc/version_signature
 * (`Ubuntu 5.15.0-91.101-generic 5.15.131`). An update may keep the release and change only this.
 */
export function builtFrom(version: string, signature: string): string | undefined {
  const debian = /\sDebian (\S+) \(\d{4}-\d{2}-\d{2}\)/.exec(version)?.[1];
  const ubuntu = /^Ubuntu (\d\S*?)-[a-z][a-z0-9-]* \d/.exec(signature)?.[1];
  return debian ?? ubuntu;
}
