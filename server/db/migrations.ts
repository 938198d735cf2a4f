/**
 * Every step of the schema, in order and by name. A step that was released is never edited; what changes is a new
 * step at the end, and old versions refuse the file (`DATA_NEWER`).
 */
import type { Migration } from 'kysely';
import { access } from './migration-access.ts';
import { drills } from './migration-drills.ts';
import { endings } from './migration-endings.ts';
import { first } from './migration-first.ts';
import { keys } from './migration-keys.ts';
import { kinds } from './migration-kinds.ts';
import { records } from './migration-records.ts';
import { updateSearch } from './migration-update-search.ts';
import { updates } from './migration-updates.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-records': records,
  '0003-access': access,
  '0004-updates': updates,
  '0005-endings': endings,
  '0006-drills': drills,
  '0007-keys': keys,
  '0008-update-search': updateSearch,
  '0009-kinds': kinds,
};
