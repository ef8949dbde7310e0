import { statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { FollowFile, type FollowOptions } from '../logs/follow-file.ts';
import { readLog } from '../logs/read-log.ts';
import type { AttachOptions, ExecSession } from './runtime.ts';

/** Attaches to a container that has neither an input nor a terminal: its log has all that it says. */
export function attachToLog(log: Omit<FollowOptions, 'signal'>, { signal }: AttachOptions): ExecSession {
  const ended = Promise.withResolvers<number>();
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const from = statSync(log.path, { throwIfNoEntry: false })?.size ?? 0;
  const copy = async (stream: 'stdout' | 'stderr'): Promise<void> => {
    using following = new FollowFile({ ...log, signal: signal ?? new AbortController().signal });
    for await (const bytes of readLog(log.path, { timestamps: false, stream, from }, following)) {
      if (!streams[stream].write(bytes)) await new Promise((resolve) => streams[stream].once('drain', resolve));
    }
    streams[stream].end();
  };
  Promise.all([copy('stdout'), copy('stderr')]).then(() => ended.resolve(0), ended.reject);
  return { stdin: undefined, ...streams, resize: () => undefined, exitCode: ended.promise };
}
