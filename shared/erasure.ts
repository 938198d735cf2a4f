/**
 * What a record of erasure says in its `terms`. A server: per disk how its data were erased (BSI IT-Grundschutz
 * CON.6, NIST SP 800-88 Rev. 1 or 2) or how it was destroyed (DIN 66399 / ISO/IEC 21964). A VM: its volumes, how, and
 * who confirmed it.
 */
import { z } from 'zod';
import { destructionStandards, destructionTerms } from './destruction.ts';
import { zonedInstantSchema } from './record.ts';
import { said } from './said.ts';

const word = (de: string, en: string) =>
  z
    .string({ error: said(de, en) })
    .trim()
    .min(1, { error: said(de, en) })
    .max(300);

export const serialSchema = word(
  'die Seriennummer des Datenträgers fehlt',
  'the serial number of the disk is missing',
);

/** Which host it was: the id that `nachweis decommission` and the dashboard show. Names come again, ids don't. */
export const subjectIdSchema = z.string().regex(/^[hc]-[0-9a-z_.-]{1,60}$/, {
  error: said(
    'die Kennung des Systems fehlt (h-… wie auf seiner Seite im Dashboard)',
    'the id of the host is missing (h-... as on its page in the dashboard)',
  ),
});

const tool = word(
  'Werkzeug oder Befehl fehlt (zum Beispiel: nvme format -s 1)',
  'the tool or command is missing (for example: nvme format -s 1)',
);

/** What becomes of an erased disk; one that is to be disposed of needs a record of disposal as well. */
const nextMissing = said(
  'was mit dem Datenträger geschieht: reuse (weiter verwendet), return (an den Eigentümer) oder disposal (entsorgt)',
  'what becomes of the disk: reuse, return (to its owner) or disposal',
);
const next = z.enum(['reuse', 'return', 'disposal'], { error: nextMissing });

const nistSchema = z
  .strictObject({
    standard: z.enum(['nist-800-88-r1', 'nist-800-88-r2']),
    action: z.enum(['clear', 'purge', 'destroy'], {
      error: said(
        'NIST SP 800-88 kennt clear, purge und destroy',
        'NIST SP 800-88 knows clear, purge and destroy',
      ),
    }),
    tool,
    next: next.optional(),
  })
  .superRefine((method, context) => {
    if (method.action !== 'destroy' && method.next === undefined)
      context.addIssue({ code: 'custom', path: ['next'], message: nextMissing });
  });

const bsiSchema = z.strictObject({
  standard: z.literal('bsi-con-6'),
  action: z.enum(['overwrite', 'secure-erase', 'crypto-erase'], {
    error: said(
      'nach BSI CON.6: overwrite, secure-erase oder crypto-erase',
      'under BSI CON.6: overwrite, secure-erase or crypto-erase',
    ),
  }),
  tool,
  next,
});

const destroyedSchema = z.strictObject({
  standard: z.enum(destructionStandards),
  action: z.literal('destroy'),
  ...destructionTerms,
  firm: word('die Fachfirma fehlt', 'the specialist firm is missing'),
});

export const methodSchema = z.discriminatedUnion('standard', [nistSchema, bsiSchema, destroyedSchema], {
  error: said(
    'die Norm ist nist-800-88-r1, nist-800-88-r2, bsi-con-6, din-66399 oder iso-21964',
    'the standard is nist-800-88-r1, nist-800-88-r2, bsi-con-6, din-66399 or iso-21964',
  ),
});
export type Method = z.infer<typeof methodSchema>;

const at = zonedInstantSchema;

export const serverErasureSchema = z.strictObject({
  kind: z.literal('server'),
  host: subjectIdSchema,
  /** When it was done, or last verified to be done. */
  at,
  disks: z
    .array(z.strictObject({ serial: serialSchema, method: methodSchema }))
    .min(1, { error: said('kein Datenträger genannt', 'no disk is named') })
    .max(300),
});

export const vmErasureSchema = z.strictObject({
  kind: z.literal('vm'),
  host: subjectIdSchema,
  at,
  volumes: z
    .array(
      z.strictObject({
        /** As the VM called it: `vda`. */
        device: word('das Gerät fehlt (vda)', 'the device is missing (vda)'),
        /** As the storage calls it. */
        volume: word('das Volume im Speichersystem fehlt', 'the volume of the storage is missing'),
      }),
    )
    .min(1, { error: said('kein Volume genannt', 'no volume is named') })
    .max(300),
  method: word('das Verfahren fehlt', 'the method is missing'),
  confirmedBy: word('wer es bestätigt hat, fehlt', 'who confirmed it is missing'),
});

/** `terms` of a record of type erasure. */
export const erasureTermsSchema = z.discriminatedUnion('kind', [serverErasureSchema, vmErasureSchema], {
  error: said('kind ist server oder vm', 'kind is server or vm'),
});
export type ErasureTerms = z.infer<typeof erasureTermsSchema>;

export const isDestruction = (
  method: Method,
): method is Extract<Method, { standard: (typeof destructionStandards)[number] }> =>
  (destructionStandards as readonly string[]).includes(method.standard);
