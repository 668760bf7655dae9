import { spelt } from '../runtime/spelling.ts';
import type { Warning } from './provider.ts';

/**
 * Words for goods that have left, or arrived, in English, Portuguese and Indonesian. Providers document a few of them, and translate and
 * respell them as they like.
 */
const LEFT = new Set([
  ...[
    'shipped',
    'dispatched',
    'despatched',
    'released',
    'sent',
    'on process',
    'on delivery',
    'on the way',
    'in transit',
  ],
  ...['in delivery', 'out for delivery', 'delivering', 'shipping', 'fulfilled', 'picked up', 'returned', 'lost'],
  ...['delivered', 'received', 'arrived', 'complete', 'completed', 'finished'],
  ...['enviado', 'enviada', 'despachado', 'despachada', 'expedido', 'postado', 'liberado', 'em transito', 'a caminho'],
  ...['em entrega', 'em rota', 'em rota de entrega', 'saiu para entrega', 'entregue', 'recebido', 'devolvido'],
  ...['concluido', 'concluida', 'finalizado', 'finalizada'],
  ...['dikirim', 'dikirimkan', 'sedang dikirim', 'sudah dikirim', 'terkirim', 'pengiriman', 'dalam pengiriman'],
  ...['dalam perjalanan', 'sedang diantar', 'diantar', 'sampai', 'tiba', 'diterima', 'selesai', 'dikembalikan'],
]);

/** Whether a status says, however it is written, that the goods have left. */
export function saysShipped(status: string): boolean {
  return LEFT.has(wordOf(status));
}

/** Whether a status speaks of cancelling, in English, Portuguese or Indonesian, and however it is written. */
export function saysCancelled(status: string): boolean {
  return /cancel|anulad|annul|estorn|\bvoid|batal/.test(wordOf(status));
}

/** What a dry run says of statuses of which none knows whether they speak against the ask. `known`: the provider's vocabulary. */
export function unknownStatusWarnings(statuses: readonly string[], known: readonly string[]): Warning[] {
  const words = new Set(known.map(wordOf));
  const isKnown = (status: string) => words.has(wordOf(status)) || saysShipped(status);
  if (statuses.every(isKnown)) return [];
  return [{ code: 'status_unknown', text: 'The order has a status that is not known here, and may speak against it.' }];
}

/** In one spelling: `IN_TRANSIT`, `In-Transit` and `in transit` are one word. */
function wordOf(status: string): string {
  return spelt(status)
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}
