import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';
import { endServer, listen, onPortOrAny } from '../../listen.ts';
import { conductOf, isBehaviour, LATE_SECONDS, RETRY_AFTER_SECONDS, type Deed, type Manner } from './behaviours.ts';
import { empty, json, parseJson, type Answer, type AskKind, type Dialect, type SandboxRequest } from './dialect.ts';
import { openJournal } from './journal.ts';
import { openOrderBook, type BookedOrder, type OrderBook, type Planned } from './order-book.ts';

export interface Sandbox {
  readonly baseUrl: string;
  /** Returns the credential that the provider accepts now. An operator may have changed it, even in an earlier run. */
  credential(): string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly dialect: Dialect;
  readonly credential: string;
  /** The port to try first. If it is taken, or 0, any free port is used. */
  readonly port: number;
  /** Where the journal is kept; null keeps everything in memory. */
  readonly dataDir: string | null;
  readonly log: (line: string) => void;
  /** Receives the provider's webhook messages. */
  readonly tell?: (message: object) => void;
  readonly now?: () => number;
  /** How long a late deed takes. */
  readonly lateMs?: number;
}

/** Starts one provider that behaves as `behaviours.ts` says. Its deeds survive a `kill -9`. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dialect, log, tell, now = Date.now, lateMs = LATE_SECONDS * 1_000 } = options;
  const file = options.dataDir === null ? null : join(options.dataDir, `sandbox-${dialect.provider}.jsonl`);
  const book = openOrderBook({
    orders: dialect.orders,
    credential: options.credential,
    journal: openJournal(file, log),
  });
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };

  const plan = (orderId: string, then: Planned, at: number) => {
    later(Math.max(0, at - now()), () => {
      book.record({ event: then, orderId, at: Math.max(at, now()) });
      log(`${dialect.provider} sandbox: order ${orderId} ${then} late`);
      const message = dialect.toldLate(orderId, then);
      if (message !== null) tell?.(message);
    });
  };
  for (const order of book.all()) for (const { then, at } of order.planned) plan(order.id, then, at);

  const work: Work = {
    dialect,
    book,
    now,
    plan: (orderId, then) => {
      const at = now() + lateMs;
      book.record({ event: 'planned', orderId, then, at });
      plan(orderId, then, at);
    },
  };

  const server = createServer((incoming, response) => {
    void respond(incoming, response);
  });
  // Longer than clients keep an idle connection, as in gateway.ts: this server must cut connections only on purpose.
  server.keepAliveTimeout = 60_000;
  const respond = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await readRequest(incoming);
    if (request === null) return;
    const control = request.url.pathname.startsWith('/_sandbox/') ? controlAnswer(request, work) : null;
    if (control?.downSeconds !== undefined) goDown(control.downSeconds, response, control.answer);
    else deliver(response, control?.answer ?? answerTo(request, work));
  };

  /** Tries until the port is free: another program may have it for a moment, but the connections know no other port. */
  const comeBack = () => {
    server.once('error', () => {
      later(100, comeBack);
    });
    server.listen(port, '127.0.0.1', () => server.removeAllListeners('error'));
  };
  const goDown = (seconds: number, response: ServerResponse, answer: Answer) => {
    log(`${dialect.provider} sandbox: down for ${seconds} s`);
    response.once('close', () => {
      server.close();
      server.closeAllConnections();
      later(seconds * 1_000, comeBack);
    });
    response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body);
  };

  const port = await onPortOrAny(options.port, (wanted) => listen(server, wanted));
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    credential: () => book.credential(),
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      if (server.listening) await endServer(server);
    },
  };
}

interface Work {
  readonly dialect: Dialect;
  readonly book: OrderBook;
  readonly now: () => number;
  readonly plan: (orderId: string, then: Planned) => void;
}

type Delivery = Answer | 'hang' | 'reset';

function answerTo(request: SandboxRequest, work: Work): Delivery {
  const { dialect, book } = work;
  const credential = dialect.credentialOf(request);
  if (credential !== book.credential()) return dialect.unauthorized;
  const rejects = ({ behaviour, firstCredential }: BookedOrder) =>
    firstCredential === credential && conductOf(dialect.provider, behaviour, 1).manner === 'reject_credential';
  if (book.all().some(rejects)) return dialect.unauthorized;
  const ask = dialect.askOf(request);
  if (ask === null) return dialect.read(request, book);
  const { orderId, kind } = ask;
  const order = book.find(orderId);
  if (order === null || order.state === 'deleted') return dialect.notFound;

  book.record({ event: 'asked', orderId, credential, at: work.now() });
  const conduct = conductOf(dialect.provider, order.behaviour, order.asksOfBehaviour);
  if (conduct.manner === 'reject_credential' && credential !== order.firstCredential)
    return act(kind, { deed: 'act', manner: 'as_usual' }, order, work);
  return act(kind, conduct, order, work);
}

/** The event that records an ask's effect. */
const DONE = { cancel: 'cancelled', restore: 'restored', delete: 'deleted' } as const;

function act(
  kind: AskKind,
  { deed, manner }: { deed: Deed; manner: Manner },
  order: BookedOrder,
  work: Work,
): Delivery {
  const { dialect, book } = work;
  const orderId = order.id;
  const refusal = dialect.refusalOf(order, kind);
  if (refusal === null) {
    if (deed === 'act') book.record({ event: DONE[kind], orderId, at: work.now() });
    if (deed === 'decide_then_act' || deed === 'decide_then_reject')
      book.record({ event: 'deciding', orderId, at: work.now() });
    if (deed === 'act_late' || deed === 'decide_then_act') work.plan(orderId, DONE[kind]);
    if (deed === 'decide_then_reject') work.plan(orderId, 'rejected');
  }

  switch (manner) {
    case 'as_usual':
      return refusal ?? dialect.taken(order, kind);
    case 'hang':
    case 'reset':
      return manner;
    case 'server_error':
      return json(500, { status: 500, error: 'Internal Server Error' });
    case 'limit':
      return { status: 429, headers: { 'content-type': 'application/json' }, body: 'Retry later' };
    case 'limit_with_retry_after':
      return {
        status: 429,
        headers: { 'content-type': 'application/json', 'retry-after': String(RETRY_AFTER_SECONDS) },
        body: 'Retry later',
      };
    case 'reject_credential':
      return dialect.unauthorized;
    case 'refuse':
      return dialect.refused;
    case 'failure_body':
      return dialect.failureBody;
    case 'html_page':
      return page(200, 'Sign in');
    case 'waf_page':
      return page(403, 'Just a moment…');
    case 'page_401':
      return page(401, 'Sign in');
    case 'edge_status':
      return { status: 499, headers: {}, body: '' };
    case 'gateway_json':
      return { status: 403, headers: { 'content-type': 'application/json' }, body: '{"message":"Forbidden"}' };
    case 'truncate': {
      const { status, headers, body } = dialect.taken(order, kind);
      return { status, headers, body: body.slice(0, body.length / 2) };
    }
    case 'other_order':
      return dialect.takenOfAnother(order);
  }
}

/** The page that something between the client and the provider shows instead of the provider's answer. */
function page(status: number, title: string): Answer {
  const body = `<!doctype html><title>${title}</title><h1>${title}</h1>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

const orderBody = z.union([
  z.strictObject({ behaviour: z.nullable(z.string().refine(isBehaviour)) }),
  z.strictObject({ paid: z.literal(true) }),
]);
const downBody = z.strictObject({ seconds: z.number().min(0).max(600) });
const credentialBody = z.strictObject({ credential: z.string().min(1) });

/** Answers the operator's own routes, `/_sandbox/…`, which need no credential. */
function controlAnswer(request: SandboxRequest, work: Work): { answer: Answer; downSeconds?: number } {
  const { book } = work;
  const at = work.now();
  const call = `${request.method} ${request.url.pathname}`;
  const orderId = /^\/_sandbox\/orders\/(\d+)$/.exec(request.url.pathname)?.[1];
  const order = orderId === undefined ? null : book.find(orderId);
  const body = parseJson(request.body);

  if (call === 'GET /_sandbox/orders') return { answer: json(200, { orders: book.all().map(shown) }) };
  if (call === 'POST /_sandbox/down') {
    const parsed = downBody.safeParse(body);
    return parsed.success
      ? { answer: json(202, parsed.data), downSeconds: parsed.data.seconds }
      : badRequest(parsed.error);
  }
  if (call === 'PUT /_sandbox/credential') {
    const parsed = credentialBody.safeParse(body);
    if (!parsed.success) return badRequest(parsed.error);
    book.record({ event: 'credential_changed', credential: parsed.data.credential, at });
    return { answer: empty(204) };
  }
  if (order === null) return { answer: json(404, { error: 'There is no such order or control.' }) };
  if (request.method === 'PUT') {
    const parsed = orderBody.safeParse(body);
    if (!parsed.success) return badRequest(parsed.error);
    if ('paid' in parsed.data) book.record({ event: 'paid', orderId: order.id, at });
    else book.record({ event: 'behaviour_set', orderId: order.id, behaviour: parsed.data.behaviour, at });
  }
  return { answer: json(200, shown(order)) };
}

function shown({ id, state, behaviour, effects, calls }: BookedOrder) {
  return { id, status: state, behaviour, effects, calls };
}

function badRequest(error: z.ZodError): { answer: Answer } {
  return { answer: json(400, { error: z.prettifyError(error) }) };
}

/** Null if the caller went away before its request was complete. */
async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) if (chunk instanceof Buffer) chunks.push(chunk);
  } catch {
    return null;
  }
  const url = URL.parse(incoming.url ?? '/', 'http://127.0.0.1');
  if (url === null) return null;
  return {
    method: incoming.method ?? 'GET',
    url,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function deliver(response: ServerResponse, delivery: Delivery): void {
  if (delivery === 'hang') return;
  if (delivery === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(delivery.status, { ...delivery.headers }).end(delivery.body);
}
