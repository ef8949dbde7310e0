import { CommandError } from '../../failure.ts';
import { setCommand } from './set-command.ts';

export const command = setCommand({
  name: 'selector',
  usage: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS',
  isSetting: (word) => word.includes('='),
  patch(object, settings) {
    if (object.kind !== 'Service') throw new CommandError(`setting a selector is only supported for Services`);
    // Of a Service, as its kind says.
    const { spec } = object as { spec?: { selector?: Record<string, string> } };
    const wanted = Object.fromEntries(
      settings
        .flatMap((word) => word.split(','))
        .map((pair) => {
          const equals = pair.indexOf('=');
          return [pair.slice(0, equals), pair.slice(equals + 1)];
        }),
    );
    const gone = Object.keys(spec?.selector ?? {}).filter((label) => !(label in wanted));
    return { spec: { selector: { ...wanted, ...Object.fromEntries(gone.map((label) => [label, null])) } } };
  },
});
