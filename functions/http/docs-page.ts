import * as z from 'zod';

/** The page of `/docs`, as the bundling writes it (`infra/openapi/swagger-page.ts`). */
export const docsPageSchema = z.object({
  /** gzip, in base64. */
  html: z.string(),
  /** A header value that lets the page's own script and style run, and nothing else. */
  contentSecurityPolicy: z.string(),
});
export type DocsPage = z.infer<typeof docsPageSchema>;
