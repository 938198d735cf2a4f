/** Rows of login.sshd-*: algorithms and keys. */
import { z } from 'zod';
import { atLeast, type Measure, numberIn, without } from './sshd-measure.ts';
import type { Row } from './sshd-row.ts';

const GIB = 1024 ** 3;

const ciphers = without(
  ['*-cbc', '*-cbc@*', '3des*', 'arcfour*', 'blowfish*', 'cast128*'],
  (name, { strictKex }) => name.startsWith('chacha20-poly1305') && !strictKex,
);

const rekey: Measure = {
  params: z.strictObject({
    maxBytes: z
      .int()
      .min(16)
      .max(1024 * GIB)
      .default(GIB),
    maxSeconds: z.int().min(1).max(604_800).default(3600),
  }),
  assess: (value, { params }) => {
    const [bytes = 0, seconds = 0] = value.split(' ').map(Number);
    return {
      passes:
        bytes > 0 &&
        bytes <= numberIn(params.maxBytes, GIB) &&
        seconds > 0 &&
        seconds <= numberIn(params.maxSeconds, 3600),
      shown: {
        en: `${bytes === 0 ? 'as much as the cipher bears' : `${bytes} bytes`}, ${seconds === 0 ? 'any time' : `${seconds} s`}`,
        de: `${bytes === 0 ? 'so viel das Verfahren zulässt' : `${bytes} Bytes`}, ${seconds === 0 ? 'beliebig lange' : `${seconds} s`}`,
      },
    };
  },
  wanted: ({ maxBytes, maxSeconds }) => ({
    en: `<= ${maxBytes} bytes and <= ${maxSeconds} s`,
    de: `<= ${maxBytes} Bytes und <= ${maxSeconds} s`,
  }),
};

export const cryptoRows: readonly Row[] = [
  {
    keyword: 'Ciphers',
    id: 'login.sshd-ciphers',
    severity: 'medium',
    measure: ciphers,
    title: {
      en: 'SSH encrypts with sound ciphers only',
      de: 'SSH verschlüsselt nur mit tauglichen Verfahren',
    },
    why: {
      en: 'With CBC modes and old ciphers parts of a session can be recovered; ChaCha20-Poly1305 without strict key exchange lets messages be removed unseen at its beginning (Terrapin).',
      de: 'Bei CBC-Betriebsarten und alten Verfahren lassen sich Teile einer Sitzung rekonstruieren; ChaCha20-Poly1305 ohne strikten Schlüsselaustausch erlaubt, am Anfang unbemerkt Nachrichten zu entfernen (Terrapin).',
    },
    line: 'Ciphers -*cbc*,3des*,chacha20*',
    references: ['CIS Debian Linux 12, 5.1.6', 'BSI TR-02102-4', 'CVE-2023-48795', 'sshd_config(5) Ciphers'],
  },
  {
    keyword: 'KexAlgorithms',
    id: 'login.sshd-kex',
    severity: 'medium',
    measure: without(['*-sha1', '*-sha1-*']),
    title: { en: 'SSH agrees on keys without SHA-1', de: 'SSH handelt Schlüssel ohne SHA-1 aus' },
    why: {
      en: 'Key exchange with SHA-1 or a group of 1024 bits protects what is recorded today from nobody who has time and money.',
      de: 'Ein Schlüsselaustausch mit SHA-1 oder einer 1024-Bit-Gruppe schützt heute Mitgeschnittenes nicht vor jemandem mit Zeit und Geld.',
    },
    line: 'KexAlgorithms -*-sha1,*-sha1-*',
    references: ['CIS Debian Linux 12, 5.1.12', 'BSI TR-02102-4', 'sshd_config(5) KexAlgorithms'],
  },
  {
    keyword: 'MACs',
    id: 'login.sshd-macs',
    severity: 'low',
    measure: without(['hmac-md5*', 'hmac-sha1-96*', 'hmac-ripemd160*', 'umac-64*']),
    title: {
      en: 'SSH secures messages with codes of full length',
      de: 'SSH sichert Nachrichten mit Prüfcodes voller Länge',
    },
    why: {
      en: 'Codes of 64 or 96 bits and those built on MD5 are easier to forge than need be. Ciphers with a code of their own (GCM, ChaCha20-Poly1305) do not use them.',
      de: 'Prüfcodes mit 64 oder 96 Bit und solche auf MD5-Grundlage sind leichter zu fälschen als nötig. Verfahren mit eigenem Prüfcode (GCM, ChaCha20-Poly1305) nutzen sie nicht.',
    },
    line: 'MACs -umac-64*,hmac-md5*,hmac-sha1-96*',
    references: ['CIS Debian Linux 12, 5.1.15', 'BSI TR-02102-4', 'sshd_config(5) MACs'],
  },
  {
    keyword: 'PubkeyAcceptedAlgorithms',
    id: 'login.sshd-pubkey-algorithms',
    severity: 'low',
    measure: without(['ssh-rsa', 'ssh-rsa-cert*', 'ssh-dss*']),
    title: {
      en: 'SSH accepts no signatures with SHA-1 or DSA from users',
      de: 'SSH nimmt von Benutzern keine Signaturen mit SHA-1 oder DSA an',
    },
    why: {
      en: 'Signatures with SHA-1 (ssh-rsa) can be forged with effort, DSA keys are too short. RSA keys go on working, with rsa-sha2.',
      de: 'Signaturen mit SHA-1 (ssh-rsa) lassen sich mit Aufwand fälschen, DSA-Schlüssel sind zu kurz. RSA-Schlüssel funktionieren weiter, mit rsa-sha2.',
    },
    line: 'PubkeyAcceptedAlgorithms -ssh-rsa*,ssh-dss*',
    note: {
      en: 'Up to OpenSSH 8.4 the keyword is PubkeyAcceptedKeyTypes; sshd there does not start with the new name.',
      de: 'Bis OpenSSH 8.4 heißt das Schlüsselwort PubkeyAcceptedKeyTypes; mit dem neuen Namen startet sshd dort nicht.',
    },
    references: ['BSI TR-02102-4', 'OpenSSH 8.8 release notes', 'sshd_config(5) PubkeyAcceptedAlgorithms'],
  },
  {
    keyword: 'RekeyLimit',
    id: 'login.sshd-rekey-limit',
    severity: 'low',
    measure: rekey,
    title: { en: 'SSH renews the session key in time', de: 'SSH erneuert den Sitzungsschlüssel rechtzeitig' },
    why: {
      en: 'The less data one key protects, the less is lost with it. By itself sshd renews it after an amount that depends on the cipher, and never for time alone.',
      de: 'Je weniger Daten ein Schlüssel schützt, desto weniger geht mit ihm verloren. Von sich aus erneuert sshd ihn erst nach einer Menge, die vom Verfahren abhängt, und nie allein der Zeit wegen.',
    },
    line: 'RekeyLimit 1G 1h',
    references: ['BSI TR-02102-4', 'DISA STIG RHEL 9', 'RFC 4253, 9', 'sshd_config(5) RekeyLimit'],
  },
  {
    keyword: 'Compression',
    id: 'login.sshd-compression',
    severity: 'low',
    measure: atLeast(['yes', 'no'], ['yes']),
    title: {
      en: 'SSH compresses only what comes after the login',
      de: 'SSH komprimiert erst nach der Anmeldung',
    },
    why: {
      en: 'Compression before the login was a way into sshd; since OpenSSH 7.4 it begins after it in any case, so that every value passes unless a policy wants none at all.',
      de: 'Komprimierung vor der Anmeldung war ein Einfallstor in sshd; seit OpenSSH 7.4 beginnt sie in jedem Fall erst danach, sodass jeder Wert genügt, solange keine Vorgabe sie ganz ausschließt.',
    },
    line: 'Compression no',
    references: ['DISA STIG RHEL 9', 'sshd_config(5) Compression'],
  },
];
