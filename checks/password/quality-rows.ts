/** Rows of the single settings of a quality module, for those who audit by the book; pwquality.conf(5) names them. */
import { z } from 'zod';
import { credit, demandedClasses, least, limit, type Row, settingWords, shortest } from './quality-row.ts';

/** pam_unix asks three times and can't be told otherwise (MAX_PASSWD_TRIES). */
const UNIX_TRIES = 3;

const cis = (debian: string, redHat: string, option: string): readonly string[] => [
  `CIS Debian Linux 12 v1.1.0, ${debian}`,
  `CIS Red Hat Enterprise Linux 9 v2.0.0, ${redHat}`,
  'BSI IT-Grundschutz ORP.4.A22',
  'ISO/IEC 27001:2022 A.5.17',
  `pwquality.conf(5) ${option}`,
];

export const rows: readonly Row[] = [
  {
    id: 'password.min-length',
    title: { en: 'New passwords have a least length', de: 'Neue Passwörter haben eine Mindestlänge' },
    why: {
      en: 'Every character more multiplies the work of guessing; short passwords are all tried in hours.',
      de: 'Jedes weitere Zeichen vervielfacht den Aufwand des Ratens; kurze Passwörter sind in Stunden durchprobiert.',
    },
    line: 'minlen = 12',
    params: z.strictObject({ min: z.int().min(6).max(64).default(12) }),
    wanted: ({ min }) => ({ en: `at least ${min} characters`, de: `mindestens ${min} Zeichen` }),
    assess: (numbers, { min = 12 }) => {
      const length = shortest(numbers);
      const words = settingWords('minlen', numbers.minlen);
      return {
        right: length >= min,
        at: numbers.minlen,
        shown:
          length === numbers.minlen.value
            ? words
            : {
                en: `${words.en}, with the credits ${length}`,
                de: `${words.de}, mit den Gutschriften (credit) ${length}`,
              },
      };
    },
    unix: ({ minlen }, { min = 12 }) => ({
      right: minlen.value >= min,
      at: minlen,
      shown: settingWords('minlen', minlen),
    }),
    references: cis('5.3.3.2.2', '5.3.3.2.2', 'minlen'),
  },
  {
    id: 'password.min-classes',
    title: {
      en: 'New passwords mix classes of characters',
      de: 'Neue Passwörter mischen Zeichenklassen',
    },
    why: {
      en: 'Where small letters are enough, most people use nothing else, and whoever guesses tries nothing else.',
      de: 'Wo Kleinbuchstaben genügen, nehmen die meisten nichts anderes, und wer rät, probiert nichts anderes.',
    },
    line: 'minclass = 3',
    params: z.strictObject({ min: z.int().min(1).max(4).default(3) }),
    wanted: ({ min }) => ({ en: `at least ${min} of 4 classes`, de: `mindestens ${min} von 4 Klassen` }),
    assess: (numbers, { min = 3 }) => {
      const classes = demandedClasses(numbers);
      const words = settingWords('minclass', numbers.minclass);
      return {
        right: classes >= min,
        at: numbers.minclass,
        shown:
          classes === numbers.minclass.value
            ? words
            : {
                en: `${words.en}, by negative credits ${classes}`,
                de: `${words.de}, durch negative Gutschriften (credit) ${classes}`,
              },
      };
    },
    references: cis('5.3.3.2.3', '5.3.3.2.3', 'minclass'),
  },
  {
    id: 'password.dcredit',
    title: { en: 'A new password needs a digit', de: 'Ein neues Passwort braucht eine Ziffer' },
    why: {
      en: 'A class that is only rewarded and not demanded is left out by whoever can do without.',
      de: 'Eine Klasse, die nur belohnt und nicht verlangt wird, lässt weg, wer ohne sie auskommt.',
    },
    line: 'dcredit = -1',
    ...credit('dcredit'),
    references: cis('5.3.3.2.3', '5.3.3.2.3', 'dcredit'),
  },
  {
    id: 'password.ucredit',
    title: { en: 'A new password needs a capital', de: 'Ein neues Passwort braucht einen Großbuchstaben' },
    why: {
      en: 'A class that is only rewarded and not demanded is left out by whoever can do without.',
      de: 'Eine Klasse, die nur belohnt und nicht verlangt wird, lässt weg, wer ohne sie auskommt.',
    },
    line: 'ucredit = -1',
    ...credit('ucredit'),
    references: cis('5.3.3.2.3', '5.3.3.2.3', 'ucredit'),
  },
  {
    id: 'password.lcredit',
    title: {
      en: 'A new password needs a small letter',
      de: 'Ein neues Passwort braucht einen Kleinbuchstaben',
    },
    why: {
      en: 'A class that is only rewarded and not demanded is left out by whoever can do without.',
      de: 'Eine Klasse, die nur belohnt und nicht verlangt wird, lässt weg, wer ohne sie auskommt.',
    },
    line: 'lcredit = -1',
    ...credit('lcredit'),
    references: cis('5.3.3.2.3', '5.3.3.2.3', 'lcredit'),
  },
  {
    id: 'password.ocredit',
    title: {
      en: 'A new password needs a special character',
      de: 'Ein neues Passwort braucht ein Sonderzeichen',
    },
    why: {
      en: 'A class that is only rewarded and not demanded is left out by whoever can do without.',
      de: 'Eine Klasse, die nur belohnt und nicht verlangt wird, lässt weg, wer ohne sie auskommt.',
    },
    line: 'ocredit = -1',
    ...credit('ocredit'),
    references: cis('5.3.3.2.3', '5.3.3.2.3', 'ocredit'),
  },
  {
    id: 'password.max-repeat',
    title: {
      en: 'The same character may not be repeated at will',
      de: 'Dasselbe Zeichen darf sich nicht beliebig wiederholen',
    },
    why: {
      en: 'Repeating a key makes a password long and no harder to guess.',
      de: 'Dieselbe Taste zu wiederholen macht ein Passwort lang, aber nicht schwerer zu raten.',
    },
    line: 'maxrepeat = 3',
    ...limit('maxrepeat', 3),
    references: cis('5.3.3.2.4', '5.3.3.2.4', 'maxrepeat'),
  },
  {
    id: 'password.max-class-repeat',
    title: {
      en: 'Characters of one class may not follow each other at will',
      de: 'Zeichen einer Klasse dürfen nicht beliebig aufeinanderfolgen',
    },
    why: {
      en: 'A word with a digit and a capital at its ends is what people choose; shorter runs make them mix.',
      de: 'Ein Wort mit Ziffer und Großbuchstaben an den Enden ist das Übliche; kürzere Folgen zwingen zum Mischen.',
    },
    line: 'maxclassrepeat = 4',
    ...limit('maxclassrepeat', 4),
    references: [
      'BSI IT-Grundschutz ORP.4.A22',
      'ISO/IEC 27001:2022 A.5.17',
      'pwquality.conf(5) maxclassrepeat',
    ],
  },
  {
    id: 'password.max-sequence',
    title: {
      en: 'Sequences like 1234 and abcd are refused',
      de: 'Folgen wie 1234 und abcd werden abgelehnt',
    },
    why: {
      en: 'Sequences are among the first that are tried.',
      de: 'Folgen gehören zum Ersten, was ausprobiert wird.',
    },
    line: 'maxsequence = 3',
    ...limit('maxsequence', 3),
    references: cis('5.3.3.2.5', '5.3.3.2.5', 'maxsequence'),
  },
  {
    id: 'password.difok',
    title: {
      en: 'A new password differs from the one before',
      de: 'Ein neues Passwort unterscheidet sich vom vorigen',
    },
    why: {
      en: 'Whoever knows the last one guesses the next if only its number goes up.',
      de: 'Wer das letzte kennt, errät das nächste, wenn nur dessen Zahl weiterzählt.',
    },
    line: 'difok = 2',
    ...least('difok', 2),
    references: cis('5.3.3.2.1', '5.3.3.2.1', 'difok'),
  },
  {
    id: 'password.dictionary',
    title: { en: 'Words of a dictionary are refused', de: 'Wörter eines Wörterbuchs werden abgelehnt' },
    why: {
      en: 'Lists of words and of leaked passwords are tried first, long before all combinations.',
      de: 'Listen von Wörtern und erbeuteten Passwörtern werden zuerst probiert, lange vor allen Kombinationen.',
    },
    line: 'dictcheck = 1',
    params: z.strictObject({}),
    wanted: () => ({ en: 'dictcheck 1', de: 'dictcheck 1' }),
    assess: ({ dictcheck }) => ({
      right: dictcheck.value !== 0,
      at: dictcheck,
      shown: settingWords('dictcheck', dictcheck),
    }),
    references: cis('5.3.3.2.6', '5.3.3.2.6', 'dictcheck'),
  },
  {
    id: 'password.retry',
    title: {
      en: 'Few attempts at a new password',
      de: 'Wenige Versuche für ein neues Passwort',
    },
    why: {
      en: 'Whoever may try again and again feels out what is just accepted.',
      de: 'Wer beliebig oft probieren darf, tastet sich an das heran, was gerade noch angenommen wird.',
    },
    line: 'retry = 3',
    params: z.strictObject({ max: z.int().min(1).max(64).default(3) }),
    wanted: ({ max }) => ({ en: `at most ${max} attempts`, de: `höchstens ${max} Versuche` }),
    assess: ({ retry }, { max = 3 }) => ({
      right: retry.value <= max,
      at: retry,
      shown: settingWords('retry', retry),
    }),
    unix: (_unix, { max = 3 }) => ({
      right: UNIX_TRIES <= max,
      at: { value: UNIX_TRIES },
      shown: { en: `pam_unix: ${UNIX_TRIES} attempts`, de: `pam_unix: ${UNIX_TRIES} Versuche` },
    }),
    each: true,
    references: ['BSI IT-Grundschutz ORP.4.A22', 'ISO/IEC 27001:2022 A.5.17', 'pwquality.conf(5) retry'],
  },
];
