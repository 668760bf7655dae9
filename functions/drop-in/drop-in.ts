import type { OperationView } from '../operations/rules/operation-view.ts';
import type { ConnectionDeclaration } from '../providers/connections.ts';
import { UnknownConnection } from '../providers/errors.ts';
import type { Caller } from '../http/caller.ts';
import { InvalidInput } from '../http/errors.ts';

/**
 * Shared by the drop-in routes of all providers. They serve a provider's own endpoints in its own dialect. Everything beyond that
 * dialect goes into headers, where it cannot break an integration that was written for the provider.
 */
const CONNECTION_HEADER = 'countermand-connection';

/** The operation of an ask, as it is now. */
export interface DropInAnswer {
  readonly operation: OperationView;
  readonly replayed: boolean;
  /** Seconds until asking again is worthwhile, if the operation is not final. */
  readonly retryAfterSeconds: number;
}

export function dropInHeaders({ operation, replayed, retryAfterSeconds }: DropInAnswer): Record<string, string> {
  return {
    'countermand-outcome': operation.outcome,
    'countermand-operation': operation.id,
    ...(replayed && { 'idempotent-replayed': 'true' }),
    ...(!operation.final && { 'retry-after': String(Math.max(1, retryAfterSeconds)) }),
  };
}

/**
 * Returns the connection that a drop-in request means. Of the connections that fit and that the token may use, it is the only one,
 * or the one that the header `Countermand-Connection` names. Throws `UnknownConnection` if none fits, and `InvalidInput` if several
 * do and none is named.
 */
export function connectionMeant(
  fits: (declaration: ConnectionDeclaration) => boolean,
  { caller, headers }: { caller: Caller; headers: Readonly<Record<string, string>> },
  declarations: readonly ConnectionDeclaration[],
): string {
  const allowed = declarations.filter(({ name }) => caller.connections?.includes(name) ?? true);
  const candidates = allowed.filter(fits).map(({ name }) => name);
  const named = headers[CONNECTION_HEADER];
  if (named !== undefined) {
    if (candidates.includes(named)) return named;
    throw new UnknownConnection(named);
  }
  const [only, ...others] = candidates;
  if (only === undefined) throw new UnknownConnection('');
  if (others.length === 0) return only;
  const message = `must name one of ${candidates.join(', ')}`;
  throw new InvalidInput([{ field: 'Countermand-Connection', message }]);
}

/** Whether a caller may see names, phones, documents and addresses. */
export function seesPersonalData(caller: Caller): boolean {
  return caller.scopes.includes('personal-data');
}
