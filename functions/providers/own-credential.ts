import { cut } from '../runtime/cut.ts';
import { spellingOf, spelt, STRUCK, struck, writtenOf } from '../runtime/spelling.ts';
import { jsonOf, type HttpClient, type HttpRequest, type HttpResult } from './http-client.ts';

/** A shorter one could be a word of any text. */
const SHORTEST_CREDENTIAL = 8;
/** Of a body that is no JSON, which is read for its words only: more than is ever read of it. */
const LONGEST_TEXT = 50_000;

/**
 * A client whose replies do not hold the credential that it sends: providers quote it where they refuse it. Struck out before
 * anything reads the reply are the credential and the whole `Authorization`, in any letter case, broken by white space or tags,
 * behind JSON's, HTML's and an address's escapes, and in base64 and hex. One of fewer than 8 characters is not looked for.
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
  // Made where there is something to strike out only: it is large.
  const secrets = () => new RegExp(forms.map(spelledOut).join('|'), 'giu');
  return (body) => {
    const all = squeezed(body);
    return squeezedForms.some((form) => all.includes(form)) ? struckBody(body, credential, secrets()) : body;
  };
}

/** All that may part or respell a credential, a sign for its spaces too, taken out of a text: whatever holds one shows it here. */
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
  // Value by value, so that what is not struck out stays as it was sent: order, digits and all.
  if (jsonOf(body) !== undefined) return body.replace(JSON_VALUES, strikeValue);
  return strikeText(cut(body, LONGEST_TEXT));
}

/** Hex, and base64 from each of the three places where it may begin in a longer text. What both alphabets differ in is any sign. */
function encodingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The signs at the ends hold bits of what is beside it.
    const end = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice([0, 2, 3][before], end);
  });
  return [bytes.toString('hex'), ...inBase64];
}

/** A pattern for a text as it is searched (`spelling.ts`), whatever parts its characters. */
function spelledOut(secret: string): string {
  return Array.from(spelt(secret), characterPattern).join(String.raw`(?:\s|<[^<>]{0,99}>){0,3}`);
}

function characterPattern(character: string): string {
  if (/[+/_-]/.test(character)) return '[+/_-]';
  return /\s/.test(character) ? String.raw`[\s+_-]` : character.replace(/[.*?^${}()|[\]\\]/, String.raw`\$&`);
}
