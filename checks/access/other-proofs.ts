/**
 * Proofs that open an account without a password in shadow and without a key: PAM modules that ask elsewhere
 * (Kerberos, a directory, a token), and sshd taking tickets or the word of another host. For whom, this host's files
 * don't say. Pure.
 */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn, valueOr } from '../fact.ts';
import type { PamConfiguration } from '../facts/pam.ts';
import { provesElsewhere } from '../facts/pam-module.ts';
import type { SshdState } from '../facts/sshd.ts';

const SSHD_PROOFS = ['gssapiauthentication', 'kerberosauthentication', 'hostbasedauthentication'];

export interface OtherProofs {
  readonly reason: Text;
  readonly evidence: readonly Evidence[];
}

/**
 * Undefined where passwords of shadow and SSH keys are all there is.
 * @throws CouldNotLook where PAM or sshd could not be read
 */
export function otherProofs(
  pam: Fact<PamConfiguration>,
  sshd: Fact<SshdState>,
  wanted: Text,
): OtherProofs | undefined {
  const found = [...pamProofs(pam, wanted), ...sshdProofs(sshd, wanted)];
  if (found.length === 0) return undefined;
  return {
    reason: {
      en: 'accounts can also be entered by proofs that are kept elsewhere; for whom can not be told here',
      de: 'Konten lassen sich auch mit Nachweisen betreten, die anderswo liegen; für wen, ist hier nicht feststellbar',
    },
    evidence: found,
  };
}

function pamProofs(pam: Fact<PamConfiguration>, wanted: Text): Evidence[] {
  if (pam.state === 'absent') return [];
  const lines = [...valueIn(pam).files.values()].flat();
  return lines.flatMap((line) =>
    line.kind === 'module' && line.type === 'auth' && provesElsewhere(line)
      ? [evidence({ source: line.file, line: line.line, found: line.module, wanted })]
      : [],
  );
}

function sshdProofs(sshd: Fact<SshdState>, wanted: Text): Evidence[] {
  const servers = valueOr(sshd, { servers: [] }).servers;
  const seen = new Map<string, Evidence>();
  for (const { reading, logins } of servers) {
    // Too many kinds of login to ask each: ssh-keys says so already.
    if (logins === 'too many' || reading.state !== 'read') continue;
    for (const { principal } of logins)
      for (const keyword of SSHD_PROOFS) {
        const setting = reading.configuration.effective(principal, keyword);
        if (setting?.value !== 'yes') continue;
        const source = setting.source ?? 'sshd_config';
        seen.set(
          `${keyword} ${source} ${setting.line}`,
          evidence({ source, line: setting.line, found: `${keyword} yes`, wanted }),
        );
      }
  }
  return [...seen.values()];
}
