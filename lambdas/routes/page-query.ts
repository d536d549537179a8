import * as z from 'zod';

/** Paging of every list. */
export const PageQuery = z.strictObject({
  cursor: z.string().min(1).max(512).optional().describe('from the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('most entries of the page'),
});
