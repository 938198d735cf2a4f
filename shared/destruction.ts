/**
 * Destruction of media under DIN 66399 (2012) and ISO/IEC 21964-1 (2018), which took it over: protection classes 1 to
 * 3, security levels 1 to 7 (the higher, the smaller the particles), and a letter for the kind of medium. The annex
 * wants class 2 and level 4 at least; `H-4` is level 4 of hard disks.
 */
import { z } from 'zod';
import { isFlash, type SeenDisk } from './disks.ts';
import type { Text } from './outcome.ts';
import { said } from './said.ts';

export const MIN_CLASS = 2;
export const MIN_LEVEL = 4;

/** P paper, F film, O optical media, T tapes and magnetic cards, H hard disks, E electronic media (SSD, flash). */
export const materials = ['P', 'F', 'O', 'T', 'H', 'E'] as const;
export type Material = (typeof materials)[number];

export const destructionStandards = ['din-66399', 'iso-21964'] as const;

export const destructionTerms = {
  class: z
    .int({ error: said('die Schutzklasse ist 1, 2 oder 3', 'the protection class is 1, 2 or 3') })
    .min(1, { error: said('die Schutzklasse ist 1, 2 oder 3', 'the protection class is 1, 2 or 3') })
    .max(3, { error: said('die Schutzklasse ist 1, 2 oder 3', 'the protection class is 1, 2 or 3') }),
  level: z
    .int({ error: said('die Sicherheitsstufe ist 1 bis 7', 'the security level is 1 to 7') })
    .min(1, { error: said('die Sicherheitsstufe ist 1 bis 7', 'the security level is 1 to 7') })
    .max(7, { error: said('die Sicherheitsstufe ist 1 bis 7', 'the security level is 1 to 7') }),
  material: z.enum(materials, {
    error: said(
      'der Kennbuchstabe ist P, F, O, T, H (Festplatte) oder E (SSD, Flash)',
      'the letter of the material is P, F, O, T, H (hard disk) or E (SSD, flash)',
    ),
  }),
};

export const destructionSchema = z.strictObject(destructionTerms);
export type Destruction = z.infer<typeof destructionSchema>;

/**
 * The least level that each protection class is destroyed with. Both standards give each class a range (1 to 3, 3 to 5, and
 * the highest ones), and what is published about them differs in where the third begins: the lower reading counts here. A
 * level above the range is finer than the class needs, and nothing against it.
 */
const LEAST_LEVEL: Readonly<Record<number, number>> = { 1: 1, 2: 3, 3: 4 };

/** Why no certificate under these standards can say that; undefined: one can. */
export function contradiction({ class: protection, level, material }: Destruction): Text | undefined {
  const least = LEAST_LEVEL[protection] ?? 1;
  if (level >= least) return undefined;
  return {
    de: `Schutzklasse ${protection} beginnt mit Sicherheitsstufe ${least}, ${material}-${level} passt nicht dazu; die Bescheinigung noch einmal lesen`,
    en: `protection class ${protection} begins with security level ${least}, which ${material}-${level} is below; read the certificate once more`,
  };
}

/**
 * Why a destruction is not enough for `disk`; undefined: it is. Stricter is enough, also a letter with smaller
 * particles: E for a disk that rotates.
 */
export function tooWeak(
  { class: protection, level, material }: Destruction,
  disk: Pick<SeenDisk, 'name' | 'rotational'> | undefined,
): Text | undefined {
  if (protection < MIN_CLASS)
    return {
      de: `Schutzklasse ${protection}, zugesagt ist mindestens ${MIN_CLASS}`,
      en: `protection class ${protection}, at least ${MIN_CLASS} is promised`,
    };
  if (level < MIN_LEVEL)
    return {
      de: `Sicherheitsstufe ${material}-${level}, zugesagt ist mindestens ${MIN_LEVEL}`,
      en: `security level ${material}-${level}, at least ${MIN_LEVEL} is promised`,
    };
  if (material !== 'H' && material !== 'E')
    return {
      de: `Kennbuchstabe ${material} gilt nicht für Datenträger eines Servers (H oder E)`,
      en: `letter ${material} is not for the disks of a server (H or E)`,
    };
  if (disk && isFlash(disk) && material !== 'E')
    return {
      de: `Kennbuchstabe ${material} für einen Flash-Datenträger; dafür gilt E`,
      en: `letter ${material} for flash, which takes E`,
    };
  return undefined;
}
