import { estoka } from './estoka/estoka.ts';
import { ngorder } from './ngorder/ngorder.ts';
import type { Provider } from './provider.ts';

/** Every provider there is. A new one is its folder and its line here. */
export const PROVIDERS: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  [estoka.name, estoka],
  [ngorder.name, ngorder],
]);
