import { CommandError } from '../../failure.ts';
import { podSpecOf } from './containers.ts';
import { setCommand } from './set-command.ts';

export const command = setCommand({
  name: 'image',
  usage: 'image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  isSetting: (word) => word.includes('='),
  patch(object, settings) {
    const found = podSpecOf(object);
    if (!found) throw new CommandError(`${object.kind.toLowerCase()}/${object.metadata.name} has no containers`);
    const { spec, wrap } = found;
    let changed = false;
    const images = (containers: typeof spec.containers, isMain: boolean): { name: string; image: string }[] =>
      (containers ?? []).flatMap(({ name, image }) => {
        const setting = settings.find((word) => word.startsWith(`${name}=`) || (isMain && word.startsWith('*=')));
        const wanted = setting?.slice(setting.indexOf('=') + 1);
        if (wanted === undefined) return [];
        changed ||= wanted !== image;
        return [{ name, image: wanted }];
      });
    const [containers, initContainers] = [images(spec.containers, true), images(spec.initContainers, false)];
    for (const word of settings) {
      const [name = ''] = word.split('=');
      if (name !== '*' && ![...containers, ...initContainers].some((one) => one.name === name))
        throw new CommandError(`unable to find container named ${JSON.stringify(name)}`);
    }
    if (!changed) return undefined;
    return wrap({ ...(containers.length > 0 && { containers }), ...(initContainers.length > 0 && { initContainers }) });
  },
});
