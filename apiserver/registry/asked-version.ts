import type { KubeObject } from '@skiff/api/meta';
import { StatusError } from '@skiff/api/status';

/**
 * The version of its object that a write asks for, as text; undefined where any will do: `0` is none. Throws 500 for what is no
 * number, as upstream (storage.APIObjectVersioner).
 */
export function askedVersion({ metadata: { resourceVersion: text = '' } }: KubeObject): string | undefined {
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    throw new StatusError({ code: 500, message: `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax` });
  }
  return Number(text) === 0 ? undefined : String(Number(text));
}
