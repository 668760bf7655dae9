/** Posts a sandbox provider's webhooks: each once, in the background. A lost one is not repeated. */
export interface WebhookSender {
  /** Sets the address, which is read for each message. Until it is set, and while it returns null, messages go nowhere. */
  sendTo(address: () => Promise<string | null>): void;
  post(message: unknown): void;
  close(): Promise<void>;
}

/** The address contains a secret, so it is never logged. */
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
      // An unread body would keep the connection open.
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
