import { readFile } from 'node:fs/promises';
import { transform, type TransformFailure } from 'esbuild';
import { parseBoundedJson } from '../../functions/runtime/bounded-json.ts';
import { JsonTooDeep } from '../../functions/runtime/errors.ts';
import { fileProblem } from '../file-problems.ts';

/**
 * Reads a JSON file that an operator wrote. If it cannot, throws the error that `fail` makes from the end of a sentence ("is not valid
 * JSON: …"). That text never quotes the file, which holds secrets.
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

/** Detects the encoding by its byte order mark. Windows also saves files in UTF-16, which it calls Unicode. */
function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Says where the JSON is wrong. Node's own message names a place only now and then, and quotes the text. */
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
