import * as z from 'zod';

/** The page of `/docs` as the bundling makes it (`infra/openapi/docs-page.ts`). */
export const docsPageSchema = z.object({
  /** gzip, in base64. */
  html: z.string(),
  /** The value of the header that lets this page's own script and style run, and nothing else. */
  contentSecurityPolicy: z.string(),
});
export type DocsPage = z.infer<typeof docsPageSchema>;
