import { CommandError } from '../../failure.ts';
import { podSpecOf } from './containers.ts';
import { setCommand } from './set-command.ts';

export const command = setCommand({
  name: 'env',
  usage: 'env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  isSetting: (word) => word.includes('=') || (word.endsWith('-') && !word.includes('/')),
  patch(object, settings, { containers: chosen }) {
    const found = podSpecOf(object);
    if (!found) throw new CommandError(`${object.kind.toLowerCase()}/${object.metadata.name} has no containers`);
    const env = settings.map((word) => {
      const equals = word.indexOf('=');
      return equals < 0
        ? { name: word.slice(0, -1), $patch: 'delete' }
        : { name: word.slice(0, equals), value: word.slice(equals + 1) };
    });
    const containers = (found.spec.containers ?? [])
      .filter(({ name }) => chosen.length === 0 || chosen.includes(name))
      .map(({ name }) => ({ name, env }));
    return found.wrap({ containers });
  },
});
