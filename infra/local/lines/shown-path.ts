import { redact } from '../../../functions/runtime/redact.ts';
import type { Route, RouteMatch } from '../../match-route.ts';
import { OPERATION_ID } from './facts.ts';

/**
 * A request's path for a person to see. `…` stands for its query, and for each part that may be a secret or about a person. Where no
 * route takes the path, nobody can say what its parts are, so only short plain words and numbers are shown.
 */
export function shownPath(target: string, match: RouteMatch<Route> | null): string {
  const [path = '', ...query] = target.split('?');
  const [, template] = match?.route.routeKey.split(' ') ?? [];
  const shown =
    template === undefined
      ? path.replace(/[^/]+/g, (part) => (isWord(part) ? part : HIDDEN))
      : template.replace(/\{(\w+)\}/g, (_, name: string) => shownParameter(name, match?.pathParameters[name] ?? ''));
  return query.length === 0 ? shown : `${shown}?${HIDDEN}`;
}

const HIDDEN = '…';
/** An order's id may have as many digits as a telephone number, and is shown as the functions' log shows it. */
const ORDER_ID = /^\d{1,18}$/;
const ID = /^[A-Za-z0-9][\w-]{0,62}$/;
/** Shorter than any secret of an Estoka webhook (`functions/webhooks/webhook-secrets.ts`) and any access token that this stack makes. */
const WORD = /^[a-z0-9][a-z0-9.-]{0,22}$/;

function shownParameter(name: string, value: string): string {
  return isShown(name, value) ? value : HIDDEN;
}

function isShown(name: string, value: string): boolean {
  switch (name) {
    case 'secret':
      return false;
    case 'orderId':
    case 'order_id':
      return ORDER_ID.test(value);
    case 'operationId':
      return isHarmless(OPERATION_ID.exec(value)?.[1] ?? null);
    // A secret stands beside it in the path, and a person may have swapped the two.
    case 'webhook':
      return isWord(value);
    default:
      return ID.test(value) && isHarmless(value);
  }
}

function isWord(part: string): boolean {
  return WORD.test(part) && isHarmless(part);
}

function isHarmless(text: string | null): boolean {
  return text !== null && redact(text) === text;
}
