import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import { goJson } from '../../print/go-json.ts';
import { dataFlags, dataOf, withHash } from './data.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

/** `kubectl create secret (generic | docker-registry | tls) NAME`. */
export const command = defineCommand({
  usage: 'create secret (generic | docker-registry | tls) NAME',
  summary: 'Create a secret with specified type.',
  flags: {
    ...generatorFlags,
    ...dataFlags,
    'append-hash': bool(),
    type: text(),
    cert: text(),
    key: text(),
    'docker-server': text(undefined, 'https://index.docker.io/v1/'),
    'docker-username': text(),
    'docker-password': text(),
    'docker-email': text(),
  },
  async run(session, { flags, args }) {
    const [form = '', ...rest] = args;
    const name = nameOf(rest, `create secret ${form}`);
    let data = dataOf(flags, session.io.cwd);
    let type: string | undefined = flags.type;
    if (form === 'tls') {
      const { cert, key } = flags;
      if (!cert || !key) throw new CommandError('key and cert must be specified');
      data = new Map(
        [
          ['tls.crt', cert],
          ['tls.key', key],
        ].map(([member = '', path = '']) => [member, readFileSync(resolve(session.io.cwd, path))]),
      );
      type = 'kubernetes.io/tls';
    } else if (form === 'docker-registry') {
      if (data.size === 0) data = new Map([['.dockerconfigjson', dockerConfig(flags)]]);
      type = 'kubernetes.io/dockerconfigjson';
    } else if (form !== 'generic') throw new CommandError('create secret needs one of: generic, docker-registry, tls');
    const encoded = Object.fromEntries([...data].map(([member, bytes]) => [member, bytes.toString('base64')]));
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { creationTimestamp: null, name },
      ...(data.size > 0 && { data: encoded }),
      ...(type && { type }),
    };
    await createGenerated(session, {
      flags,
      failing: `failed to create secret`,
      object: flags['append-hash'] ? withHash(object) : object,
    });
  },
});

function dockerConfig(flags: Readonly<Record<string, unknown>>): Buffer {
  const {
    'docker-server': server,
    'docker-username': username,
    'docker-password': password,
    'docker-email': email,
  } = flags;
  if (!username || !password)
    throw new CommandError(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    );
  const auth = Buffer.from(`${String(username)}:${String(password)}`).toString('base64');
  const entry = { username, password, ...(email ? { email } : {}), auth };
  return Buffer.from(goJson({ auths: { [String(server)]: entry } }));
}
