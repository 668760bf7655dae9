import type { App, AppProps } from 'aws-cdk-lib/core';
import { parseConnections } from '../functions/providers/connections.ts';
import { DEFAULT_CONTEXT, type Context } from './context.ts';
import { parseWebhooks } from '../functions/webhooks/declarations.ts';
import { problemOfPattern } from '../functions/webhooks/order-id-pattern.ts';
import { bundle, type BundleNeeds } from './bundle.ts';
import { FUNCTIONS } from './functions.ts';

export const STACK_NAME = 'Countermand';

export interface SynthNeeds {
  /** The declared connections as JSON, without credentials. */
  readonly connections: unknown;
  /** The declared webhooks as JSON, without secrets. Default: none. */
  readonly webhooks?: unknown;
  /** Receives the bundles and their source maps. */
  readonly buildDir: string;
  /** The operator's settings. The local stack has none. */
  readonly context?: Context;
  /** Prints a line about a problem that does not stop the work. */
  readonly complain?: (line: string) => void;
}

/** What is bundled of each function of the table. */
export const BUNDLED_FUNCTIONS: BundleNeeds['functions'] = FUNCTIONS.map(({ name, connections, webhooks, file }) => ({
  name,
  knowsConnections: connections !== 'none',
  knowsWebhooks: webhooks !== undefined,
  ...(file && { file }),
}));

/** Bundles the functions and adds the stack to the app. Throws `InvalidConnections` or `InvalidWebhooks`; each names every wrong field. */
export async function buildStack(app: App | Promise<App>, needs: SynthNeeds): Promise<void> {
  const { connections, webhooks = {}, buildDir, context = DEFAULT_CONTEXT, complain = () => {} } = needs;
  const declared = parseConnections(connections);
  const declaredWebhooks = parseWebhooks(webhooks, declared, problemOfPattern);
  // At the same time, because each takes seconds and esbuild has a process of its own.
  const [, scope, { CountermandStack }] = await Promise.all([
    bundle({ functions: BUNDLED_FUNCTIONS, buildDir, connections, webhooks, complain }),
    app,
    import('./stack.ts'),
  ]);
  new CountermandStack(scope, STACK_NAME, {
    connections: [...declared.keys()],
    webhooks: [...declaredWebhooks.values()],
    buildDir,
    context,
  });
}

/** How an app is made that is synthesised in process. CloudFormation's own checks take many seconds; they are left to `cdk synth`. */
export const IN_PROCESS = {
  analyticsReporting: false,
  treeMetadata: false,
  stackTraces: false,
  builtinCloudFormationValidation: false,
} satisfies AppProps;

/**
 * Writes the cloud assembly into `outdir`, in this process. CloudFormation's own checks of the template take many seconds, so only
 * `cdk synth` makes them.
 */
export async function synthesise({ outdir, ...needs }: SynthNeeds & { outdir: string }): Promise<void> {
  const app = import('aws-cdk-lib/core').then(({ App }) => new App({ outdir, ...IN_PROCESS }));
  await buildStack(app, needs);
  (await app).synth();
}
