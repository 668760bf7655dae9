/** Every route of the API. A test compares this list with `infra/functions.ts`, which deploys them. */
export const ROUTES = [
  'POST /v1/connections/{connection}/orders/{orderId}/cancel',
  'POST /v1/connections/{connection}/orders/cancel',
  'GET /v1/batches/{batchId}',
  'GET /v1/connections/{connection}/orders/{orderId}',
  'GET /v1/operations/{operationId}',
  'GET /v1/operations/export',
  'GET /v1/operations',
  'GET /v1/cancelled-orders',
  'GET /v1/connections/{connection}/cancelled-orders',
  'GET /v1/connections/{connection}/cancelled-orders/{orderId}',
  'DELETE /v1/connections/{connection}/cancelled-orders/{orderId}',
  'POST /v1/connections/{connection}/cancelled-orders/{orderId}/restore',
  'GET /v1/cancelled-orders/export',
  'GET /v1/connections/{connection}/cancelled-orders/export',
  'GET /v1/exports/{exportId}',
  'GET /v1/connections',
  'GET /v1/providers',
  'POST /v1/webhooks/estoka/{webhook}/{secret}',
  'POST /v1/webhooks/standard/{webhook}',
  'POST /v1/webhooks/shopify/{webhook}',
  'GET /health',
  'POST /api/v1/organizations/{organization_id}/orders/{order_id}/cancel',
  'POST /api/open/order/cancel',
  'GET /api/open/order-cancel',
  'GET /api/open/order-cancel/download',
  'POST /api/open/order-cancel/return',
  'DELETE /api/open/order-cancel/{order_id}',
  'GET /openapi.json',
  'GET /docs',
] as const;

/** Returns the methods that a path takes; none if no route has it. A path that takes GET also takes HEAD. */
export function methodsOf(path: string): string[] {
  const segments = path.split('/');
  return ROUTES.map((route) => route.split(' '))
    .filter(([, pattern = '']) => matches(pattern.split('/'), segments))
    .flatMap(([method = '']) => (method === 'GET' ? [method, 'HEAD'] : [method]));
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
  );
}
