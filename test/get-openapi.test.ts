import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/get-openapi.ts';
import { openApiDocument } from '../infra/openapi/document.ts';
import { askRoute, keepingLog } from './support/api-event.ts';

describe('get-openapi', () => {
  it('answers everybody with the document', async () => {
    const document = await openApiDocument();
    const handler = newHandler({ document, log: keepingLog() });
    const reply = await askRoute('get-openapi', handler, { authorizer: null });
    expect(reply.statusCode).toBe(200);
    expect(reply.json).toEqual(JSON.parse(JSON.stringify(document)));
  });
});
