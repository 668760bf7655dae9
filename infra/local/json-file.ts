import { readFile } from 'node:fs/promises';
import { transform, type TransformFailure } from 'esbuild';
import { parseBoundedJson } from '../../functions/runtime/bounded-json.ts';
import { JsonTooDeep } from '../../functions/runtime/errors.ts';
import { fileProblem } from '../file-problems.ts';

/**
 * Reads a JSON file that an operator wrote. What cannot be read is thrown as `fail` makes it of a sentence's end ("is not valid
 * JSON: …"), which never quotes the text: there are secrets in it.
 */
export async function readJsonFile(path: string, fail: (problem: string) => Error): Promise<unknown> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fail(`cannot be read: ${fileProblem(error)}.`);
  });
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  try {
    return parseBoundedJson(text);
  } catch (error) {
    if (error instanceof JsonTooDeep) throw fail('is nested too deep.');
    throw fail(`is not valid JSON${await placeOfError(text)}.`);
  }
}

/** By its byte order mark. Windows saves files in UTF-16 too, and calls that Unicode. */
function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Where the JSON goes wrong. Node's own words have a place now and then only, and quote the text. */
async function placeOfError(text: string): Promise<string> {
  if (text.trim() === '') return ': it is empty';
  try {
    await transform(text, { loader: 'json', logLevel: 'silent' });
  } catch (error) {
    const location = isTransformFailure(error) ? error.errors[0]?.location : null;
    if (!location) return '';
    const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
    return `: line ${location.line}, column ${before.length + 1}`;
  }
  return '';
}

function isTransformFailure(error: unknown): error is TransformFailure {
  return typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
}
