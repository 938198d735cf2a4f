/** What only a running system shows: daemons with what they were started with, and the package manager's own answer. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bootWithAgent, type CheckResult, checkInside } from '../support/agent-run.ts';
import type { Container } from '../support/container.ts';
import { type DebianRelease, debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { hardenedCopy } from '../support/hardened-root.ts';
import type { RootCopy } from '../support/root-copy.ts';

// Several systems boot at once here, on whatever machine this is.
vi.setConfig({ testTimeout: 300_000 });

/** Makes the installed version of a package of the security archive a little older, so that its update is pending. */
const OUTDATE = `set -e
cp /var/lib/dpkg/status /tmp/status
cat /var/lib/apt/lists/*-security_*_Packages | awk '/^Package:/{p=$2} /^Version:/{print p, $2}' | sort -u >/tmp/security
dpkg-query -W -f '\${Package} \${Version}\\n' | sort | comm -12 - /tmp/security >/tmp/candidates
while read -r name version; do
  awk -v name="$name" '/^Package:/{here=($2==name)} here && /^Version:/{$0=$0 "~"} {print}' /tmp/status >/var/lib/dpkg/status
  if apt-get check -qq; then echo "$name $version~"; exit 0; fi
done </tmp/candidates
exit 9`;

describeInDebian('Debian, running', () => {
  describe.each([11, 12, 13] as const)('%s', running);
});

function running(release: DebianRelease): void {
  let copy: RootCopy;
  let container: Container;
  beforeAll(async () => {
    copy = await hardenedCopy(await debianRoot(release));
    container = await bootWithAgent(copy.path);
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await container?.stop();
    copy?.remove();
  });

  const ask = async (id: string, options: readonly string[] = []): Promise<CheckResult> => {
    const { results } = await checkInside(container, ['--only', id, ...options]);
    const [result] = results;
    if (!result) throw new Error(`no result for ${id}`);
    return result;
  };
  const shell = (script: string) => container.run(['sh', '-ec', script]);

  it('judges sshd by what it was started with, not by a file that was changed since', async () => {
    const id = 'login.sshd-permit-root-login';
    expect(await ask(id)).toMatchObject({ outcome: 'pass' });
    await shell(`echo 'PermitRootLogin yes' >/etc/ssh/sshd_config.d/10-new.conf`);
    expect(await ask(id)).toMatchObject({ outcome: 'unknown' });
    await shell('systemctl restart ssh');
    const restarted = await ask(id);
    expect(restarted.outcome).toBe('fail');
    expect(JSON.stringify(restarted.evidence)).toContain('/etc/ssh/sshd_config.d/10-new.conf');
    await shell('rm /etc/ssh/sshd_config.d/10-new.conf; systemctl restart ssh');
    expect(await ask(id)).toMatchObject({ outcome: 'pass' });
  });

  it('judges a second sshd by its own arguments', async () => {
    const id = 'login.sshd-max-auth-tries';
    expect(await ask(id)).toMatchObject({ outcome: 'pass' });
    const pid = (
      await shell(
        '/usr/sbin/sshd -p 2222 -o PidFile=/run/second.pid -o MaxAuthTries=9; sleep 0.3; cat /run/second.pid',
      )
    ).trim();
    const found = await ask(id);
    expect(found.outcome).toBe('fail');
    expect(JSON.stringify(found.evidence)).toContain('9');
    await shell(`kill ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.05; done`);
    expect(await ask(id)).toMatchObject({ outcome: 'pass' });
  });

  it('finds a pending security update by the solver, and also when it is on hold', async () => {
    const id = 'patch.security-updates';
    // Its deadline, which depends on the day of the archive, has tests of its own.
    await shell(`echo '{"${id}": {"grace": "none"}}' >/root/params.json`);
    const atOnce = ['--params', '/root/params.json'];
    const outdated = (await shell(OUTDATE)).trim();
    const pending = await ask(id, atOnce);
    expect(pending.outcome).toBe('fail');
    expect(JSON.stringify(pending.evidence)).toContain(outdated);
    await shell(`apt-mark hold ${outdated.split(' ')[0]}`);
    const held = await ask(id, atOnce);
    expect(held.outcome).toBe('fail');
    expect(JSON.stringify(held.evidence)).toContain('on hold');
    await shell('mv /tmp/status /var/lib/dpkg/status');
    expect((await ask(id, atOnce)).outcome).not.toBe('fail');
  });
}
