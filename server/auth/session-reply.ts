/** Who is signed in, as the API says it. */
import { z } from 'zod';

export const languageSchema = z.enum(['de', 'en']);

export const sessionSchema = z.strictObject({
  asOf: z.iso.datetime(),
  /** Null: nobody is signed in. */
  user: z
    .strictObject({
      name: z.string(),
      role: z.enum(['administrator', 'operations', 'officer', 'customer', 'auditor']),
      /** Null: the provider's own people, who see every tenant. */
      tenant: z.string().nullable(),
      language: languageSchema,
      /** False after a sign-in link: a password is to be set. */
      hasPassword: z.boolean(),
    })
    .nullable(),
});
export type SessionReply = z.infer<typeof sessionSchema>;
