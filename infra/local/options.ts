import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** 0: any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Forget everything that an earlier run kept in the data directory. */
  readonly fresh: boolean;
  /** The operator's connections; null: the sandbox providers'. */
  readonly connectionsFile: string | null;
  /** The operator's webhooks; null: the sandbox's, or none if the operator has connections of their own. */
  readonly webhooksFile: string | null;
  readonly settleEveryMs: number;
  /** The access token to accept; null: one that the runner makes. */
  readonly token: string | null;
}

export const USAGE = `Usage: npm start -- [options]

  --port PORT             where the API listens (default: the variable PORT, else 3000; 0: any free port)
  --data-dir DIRECTORY    where tables, token and logs are kept (default .countermand)
  --fresh                 start with empty tables and a new token
  --connections FILE      use these connections instead of the sandbox providers
  --webhooks FILE         use these webhooks instead of the sandbox's
  --settle-every SECONDS  how often open operations and exports are worked on (default 5)
  --help

  COUNTERMAND_TOKEN         the access token to accept
  COUNTERMAND_DYNAMODB_URL  a DynamoDB that already runs, instead of the embedded one`;

/** Thrown when the command line is wrong. The message names the option and the problem. */
export class InvalidOptions extends Error {
  override readonly name = 'InvalidOptions';
}

/** Reads the command line. Returns null for `--help`. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new InvalidOptions(`--${name} must not be empty.`);
  }
  const port = values.port ?? environment['PORT'] ?? '3000';
  const settleEvery = values['settle-every'] ?? '5';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new InvalidOptions(
      `${values.port === undefined ? 'The variable PORT' : '--port'} must be a port from 0 to 65535, not "${port}".`,
    );
  }
  if (!/^\d+(\.\d+)?$/.test(settleEvery) || Number(settleEvery) < 0.1 || Number(settleEvery) > 86_400) {
    throw new InvalidOptions(`--settle-every must be seconds from 0.1 to 86400, not "${settleEvery}".`);
  }
  const token = environment['COUNTERMAND_TOKEN']?.trim() ?? '';
  if (!/^[\x21-\x7e]{0,512}$/.test(token)) {
    throw new InvalidOptions('COUNTERMAND_TOKEN must be 1 to 512 visible ASCII characters, in one line.');
  }
  return {
    port: Number(port),
    dataDir: resolve(values['data-dir'] ?? '.countermand'),
    fresh: values.fresh ?? false,
    connectionsFile: values.connections === undefined ? null : resolve(values.connections),
    webhooksFile: values.webhooks === undefined ? null : resolve(values.webhooks),
    settleEveryMs: Number(settleEvery) * 1000,
    token: token === '' ? null : token,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        fresh: { type: 'boolean' },
        connections: { type: 'string' },
        webhooks: { type: 'string' },
        'settle-every': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [stray] = args.filter((arg, index) => !arg.startsWith('-') && !args[index - 1]?.startsWith('--'));
    if (stray !== undefined && errorCodeOf(error) === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      // npm takes an option before the two hyphens for its own and passes on only its value.
      throw new InvalidOptions(`What is "${stray}" for? Options come after two hyphens: npm start -- --port 3001`);
    }
    // Node's message names the option. Its error's class and code would only distract.
    const words = String(error).replace(/^\w+( \[\w+\])?: /, '');
    throw new InvalidOptions(words.replace(/ To specify a positional.*$/s, ' npm start -- --help lists them.'), {
      cause: error,
    });
  }
}

function errorCodeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}
