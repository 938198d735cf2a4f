/** Floors: the weakest parameters with which a check's result still proves a clause. */
import { z } from 'zod';
import { type ParamValue, paramValueSchema } from './outcome.ts';

const memberSchema = z.union([z.string().max(200), z.number()]);

/** The weakest value of a parameter that still counts. A result judged with weaker ones does not prove the clause. */
export const floorSchema = z.union([
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
  /** The value, or every member of the list, is one of these. */
  z.strictObject({ within: z.array(memberSchema).min(1).max(100) }),
  /** The list holds all of these. */
  z.strictObject({ includes: z.array(memberSchema).min(1).max(100) }),
  z.strictObject({ is: paramValueSchema }),
]);
export type Floor = z.infer<typeof floorSchema>;

/** Whether `value` is as strict as `floor` or stricter. A parameter that the result does not name never is. */
export function meetsFloor(value: ParamValue | undefined, floor: Floor): boolean {
  if (value === undefined) return false;
  if ('atLeast' in floor) return typeof value === 'number' && value >= floor.atLeast;
  if ('atMost' in floor) return typeof value === 'number' && value <= floor.atMost;
  if ('within' in floor)
    return (Array.isArray(value) ? value : [value]).every((member) => floor.within.some((w) => w === member));
  if ('includes' in floor) return Array.isArray(value) && floor.includes.every((w) => value.includes(w));
  return JSON.stringify(value) === JSON.stringify(floor.is);
}

/** The floor as a short formula for people: `<= 365`, `in no, prohibit-password`. */
export function formatFloor(floor: Floor): string {
  if ('atLeast' in floor) return `>= ${floor.atLeast}`;
  if ('atMost' in floor) return `<= ${floor.atMost}`;
  if ('within' in floor) return `∈ ${floor.within.join(', ')}`;
  if ('includes' in floor) return `⊇ ${floor.includes.join(', ')}`;
  return `= ${JSON.stringify(floor.is)}`;
}

/** Parameters that are weaker than `floors` allow, in the order of their names. */
export function weakParameters(
  params: Readonly<Record<string, ParamValue>> | undefined,
  floors: Readonly<Record<string, Floor>> | undefined,
): { name: string; value: ParamValue | undefined; floor: Floor }[] {
  return Object.entries(floors ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, floor]) => {
      const value = params && Object.hasOwn(params, name) ? params[name] : undefined;
      return meetsFloor(value, floor) ? [] : [{ name, value, floor }];
    });
}
