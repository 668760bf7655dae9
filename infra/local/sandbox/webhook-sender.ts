/** Posts what a sandbox provider tells of its orders: each message once, with nobody waiting for it. What gets lost is lost. */
export interface WebhookSender {
  /** Asked at each message. Until it is set, and where it answers null, messages go nowhere. */
  sendTo(address: () => Promise<string | null>): void;
  post(message: unknown): void;
  close(): Promise<void>;
}

/** The address holds a secret: `log` gets none of it. */
export function createWebhookSender(log: (line: string) => void): WebhookSender {
  const stop = new AbortController();
  const sending = new Set<Promise<void>>();
  let addressOf: () => Promise<string | null> = () => Promise.resolve(null);

  const send = async (message: unknown) => {
    const body = JSON.stringify(message);
    try {
      const address = await addressOf();
      if (address === null) return;
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(address, { method: 'POST', headers, body, signal: stop.signal });
      log(`webhook ${body}: HTTP ${reply.status}`);
      // Unread, it would hold the connection.
      await reply.body?.cancel().catch(() => undefined);
    } catch {
      log(`webhook ${body}: not sent`);
    }
  };

  return {
    sendTo(address) {
      addressOf = address;
    },
    post(message) {
      const sent = send(message).finally(() => sending.delete(sent));
      sending.add(sent);
    },
    async close() {
      stop.abort();
      await Promise.all(sending);
    },
  };
}
