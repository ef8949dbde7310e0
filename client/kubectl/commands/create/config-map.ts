import { defineCommand } from '../../command.ts';
import { bool } from '../../flags.ts';
import { dataFlags, dataOf, withHash } from './data.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1]',
  summary: 'Create a config map from a local file, directory or literal value.',
  flags: { ...generatorFlags, ...dataFlags, 'append-hash': bool() },
  async run(session, { flags, args }) {
    const name = nameOf(args, 'create configmap');
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const [key, bytes] of dataOf(flags, session.io.cwd)) {
      if (isText(bytes)) data[key] = bytes.toString('utf8');
      else binaryData[key] = bytes.toString('base64');
    }
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { creationTimestamp: null, name },
      ...(Object.keys(data).length > 0 && { data }),
      ...(Object.keys(binaryData).length > 0 && { binaryData }),
    };
    await createGenerated(session, {
      flags,
      failing: 'failed to create configmap',
      object: flags['append-hash'] ? withHash(object) : object,
    });
  },
});

const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
