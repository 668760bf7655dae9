import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LOG_CODES } from '../../functions/runtime/log-codes.ts';

describe('the catalogue of log codes', () => {
  it('holds none that nothing writes', () => {
    const root = join(import.meta.dirname, '../..');
    const sources = globSync('functions/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('log-codes.ts'));
    const text = sources.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    expect(Object.keys(LOG_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
