import { estoka } from './estoka/estoka.ts';
import { ngorder } from './ngorder/ngorder.ts';
import type { Provider } from './provider.ts';

/** Every provider. To add one, add its folder and its line here. */
export const PROVIDERS: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  [estoka.name, estoka],
  [ngorder.name, ngorder],
]);
