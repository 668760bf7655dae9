import { ORGANIZATION_ID } from './estoka-orders.ts';
import { startEstokaSandbox } from './estoka-sandbox.ts';
import { startNgorderSandbox } from './ngorder-sandbox.ts';

/** Connections to the two sandboxes, in the form of the connections file (design, section 8). */
export type SandboxConnections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Sandboxes {
  readonly connections: SandboxConnections;
  close(): Promise<void>;
}

/** The quiet period is longer than a late deed takes, so that no order is asked for again before its deed shows. */
const TIMES = { quietPeriodSeconds: 5, timeoutSeconds: 5 };

/** Starts both providers on this machine. Their journals in `dataDir` keep their deeds over a restart. */
export async function startSandboxes(options: {
  dataDir: string | null;
  log: (line: string) => void;
  /** Receives Estoka's webhook messages; ngorder has none. */
  tell?: (message: object) => void;
  estokaPort?: number;
  ngorderPort?: number;
}): Promise<Sandboxes> {
  const { dataDir, log, tell, estokaPort = 4001, ngorderPort = 4002 } = options;
  const estoka = await startEstokaSandbox({ dataDir, log, ...(tell && { tell }), port: estokaPort });
  const ngorder = await startNgorderSandbox({ dataDir, log, port: ngorderPort });
  return {
    connections: {
      'loja-rio': {
        provider: 'estoka',
        baseUrl: estoka.baseUrl,
        organizationId: ORGANIZATION_ID,
        credential: estoka.credential(),
        ...TIMES,
      },
      'toko-jaya': {
        provider: 'ngorder',
        baseUrl: ngorder.baseUrl,
        credential: ngorder.credential(),
        timeZone: 'Asia/Jakarta',
        cancelUnpaid: { olderThanHours: 48, origins: ['STORE_FRONT', 'SF_GUEST'], dryRun: true },
        ...TIMES,
      },
    },
    close: async () => {
      await Promise.all([estoka.close(), ngorder.close()]);
    },
  };
}
