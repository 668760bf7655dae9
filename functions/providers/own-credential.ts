import { cut } from '../runtime/cut.ts';
import { spellingOf, spelt, STRUCK, struck, writtenOf } from '../runtime/spelling.ts';
import { jsonOf, type HttpClient, type HttpRequest, type HttpResult } from './http-client.ts';

/** A shorter credential could be a word of any text. */
const SHORTEST_CREDENTIAL = 8;
/** The part that is kept of a body that is not JSON. Such a body is read only for its words, and never further than this. */
const LONGEST_TEXT = 50_000;

/**
 * Wraps a client so that its replies do not contain the credential that it sends: providers quote a credential when they refuse it.
 * The credential and the whole `Authorization` are struck out before anything reads the reply: in any letter case, broken by white
 * space or tags, escaped as in JSON, HTML and addresses, and in base64 and hex. A credential of fewer than 8 characters is not
 * looked for.
 */
export function withoutCredential(http: HttpClient, credential: string): HttpClient {
  if (credential.length < SHORTEST_CREDENTIAL) return http;
  const strikes = new Map<string, (body: string) => string>();
  const strikeFor = ({ headers }: HttpRequest) => {
    const sent = headers['authorization'] ?? '';
    const strike = strikes.get(sent) ?? strikeOf(credential, sent);
    strikes.set(sent, strike);
    return strike;
  };
  const tellWithoutCredential = async (request: HttpRequest, result: Promise<HttpResult>): Promise<HttpResult> => {
    const reply = await result;
    return reply.kind === 'reply' ? { ...reply, body: strikeFor(request)(reply.body) } : reply;
  };
  return {
    ...http,
    send: (request) => tellWithoutCredential(request, http.send(request)),
    read: (request) => tellWithoutCredential(request, http.read(request)),
  };
}

/** JSON's strings and numbers. */
const JSON_VALUES = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs;

function strikeOf(credential: string, sent: string): (body: string) => string {
  const said = [credential, ...(sent === '' ? [] : [sent])];
  const forms = [...said, ...said.flatMap(encodingsOf)];
  const squeezedForms = forms.map(squeezed);
  // Built only if there is something to strike out: the pattern is large.
  const secrets = () => new RegExp(forms.map(spelledOut).join('|'), 'giu');
  return (body) => {
    const all = squeezed(body);
    return squeezedForms.some((form) => all.includes(form)) ? struckBody(body, credential, secrets()) : body;
  };
}

/**
 * Removes from a text everything that may split or respell a credential, and a sign that may replace its spaces. A text that
 * contains the credential in any form shows it in this form.
 */
function squeezed(text: string): string {
  const plain = spelt(text).replace(/\\[nrtbf]?|\s+|<[^<>]{0,99}>/g, '');
  return plain.toLowerCase().replace(/[+/_-]/g, '');
}

function struckBody(body: string, credential: string, secrets: RegExp): string {
  const strikeText = (text: string) => writtenOf(struck(spellingOf(text), secrets));
  const strikeValue = (value: string) => {
    if (value === credential) return JSON.stringify(STRUCK);
    const text = value.length < credential.length ? undefined : jsonOf(value);
    if (typeof text !== 'string') return value;
    const left = strikeText(text);
    return left === text ? value : JSON.stringify(left);
  };
  // Value by value, so that the rest keeps its order, digits and spelling.
  if (jsonOf(body) !== undefined) return body.replace(JSON_VALUES, strikeValue);
  return strikeText(cut(body, LONGEST_TEXT));
}

/**
 * Returns a secret in hex, and in base64 from each of the three offsets at which it may begin in a longer text. Signs in which the
 * two base64 alphabets differ match each other.
 */
function encodingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last signs hold bits of the neighbouring bytes.
    const end = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice([0, 2, 3][before], end);
  });
  return [bytes.toString('hex'), ...inBase64];
}

/**
 * Returns a pattern that finds a secret in a text as `spelling.ts` searches it, with up to three white spaces or tags between
 * characters.
 */
function spelledOut(secret: string): string {
  return Array.from(spelt(secret), characterPattern).join(String.raw`(?:\s|<[^<>]{0,99}>){0,3}`);
}

function characterPattern(character: string): string {
  if (/[+/_-]/.test(character)) return '[+/_-]';
  return /\s/.test(character) ? String.raw`[\s+_-]` : character.replace(/[.*?^${}()|[\]\\]/, String.raw`\$&`);
}
