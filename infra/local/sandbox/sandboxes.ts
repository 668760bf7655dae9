import { ORGANIZATION_ID } from './estoka-orders.ts';
import { startEstokaSandbox } from './estoka-sandbox.ts';
import { startNgorderSandbox } from './ngorder-sandbox.ts';

/** The connections file's form (design, section 8), for the two sandboxes. */
export type SandboxConnections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Sandboxes {
  readonly connections: SandboxConnections;
  close(): Promise<void>;
}

/** Longer than a late deed takes, so that it is proven before it is asked again. */
const TIMES = { quietPeriodSeconds: 5, timeoutSeconds: 5 };

/** Starts both providers on this machine. Their journals in `dataDir` carry what they did over a restart. */
export async function startSandboxes(options: {
  dataDir: string | null;
  log: (line: string) => void;
  /** Gets what Estoka tells by webhook; ngorder has none. */
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
