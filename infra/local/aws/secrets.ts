import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod';
import { endServer, listen } from '../../listen.ts';

export interface LocalSecrets {
  readonly endpoint: string;
  close(): Promise<void>;
}

const requestSchema = z.object({ SecretId: z.string() });

/**
 * Serves the one action of Secrets Manager that functions use, in its JSON protocol, on a port of this machine. `readSecret` is called at
 * every request and returns null if it knows no secret of that name.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export async function startSecrets(readSecret: (name: string) => Promise<string | null>): Promise<LocalSecrets> {
  const server = createServer((incoming, response) => {
    answer(incoming, readSecret)
      .catch(() =>
        failure(500, 'InternalServiceError', 'The secret could not be read; is the file that holds it valid JSON?'),
      )
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => endServer(server),
  };
}

async function answer(incoming: IncomingMessage, readSecret: (name: string) => Promise<string | null>) {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
  const action = incoming.headers['x-amz-target'];
  if (action !== 'secretsmanager.GetSecretValue') {
    return failure(400, 'InvalidRequestException', `infra/local knows only GetSecretValue, not ${String(action)}.`);
  }
  const { SecretId: id } = requestSchema.parse(JSON.parse(text));
  // An ARN ends in a hyphen and six random characters; some clients leave them out.
  const named = id.replace(/^arn:aws[a-z-]*:secretsmanager:[^:]*:[^:]*:secret:/, '');
  const plain = named.replace(/-[A-Za-z0-9]{6}$/, '');
  const name = named === id || (await readSecret(named)) !== null ? named : plain;
  const secret = await readSecret(name);
  if (secret === null)
    return failure(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return {
    status: 200,
    body: {
      ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`,
      Name: name,
      SecretString: secret,
      VersionId: 'local',
      VersionStages: ['AWSCURRENT'],
    },
  };
}

function failure(status: number, type: string, message: string) {
  return { status, body: { __type: type, message } };
}
