import { spelt } from '../runtime/spelling.ts';
import type { Warning } from './provider.ts';

/**
 * Words for goods that have left or arrived, in English, Portuguese and Indonesian. Providers document a few of them, but translate
 * and respell them freely.
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

/** Whether a status says, in any spelling, that the goods have left. */
export function saysShipped(status: string): boolean {
  return LEFT.has(wordOf(status));
}

/** Whether a status speaks of cancelling, in any spelling, in English, Portuguese or Indonesian. */
export function saysCancelled(status: string): boolean {
  return /cancel|anulad|annul|estorn|\bvoid|batal/.test(wordOf(status));
}

/** Warns, for a dry run, of statuses whose meaning is not known. `known`: the provider's vocabulary. */
export function unknownStatusWarnings(statuses: readonly string[], known: readonly string[]): Warning[] {
  const words = new Set(known.map(wordOf));
  const isKnown = (status: string) => words.has(wordOf(status)) || saysShipped(status);
  if (statuses.every(isKnown)) return [];
  return [
    { code: 'status_unknown', text: 'The order has a status that is not known here and may be a reason against it.' },
  ];
}

/** Normalizes a status: `IN_TRANSIT`, `In-Transit` and `in transit` are one word. */
function wordOf(status: string): string {
  return spelt(status)
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}
