import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** The path of Debian's Chromium; null if it is not installed. */
export const installedBrowser = existsSync(CHROMIUM) ? CHROMIUM : null;

/** Opens a page in a fresh profile that calls only the hosts of its pages. */
export async function withPage<Result>(browser: string, use: (page: Page) => Promise<Result>): Promise<Result> {
  const profile = await mkdtemp(join(tmpdir(), 'countermand-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browser,
    headless: true,
    viewport: { width: 1280, height: 1000 },
    // A slow machine must not fail the test.
    timeout: 300_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    context.setDefaultTimeout(300_000);
    return await use(await context.newPage());
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
