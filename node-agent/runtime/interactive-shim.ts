/**
 * The parent of one container with an input or a terminal, or of any where there is no /proc: what shim.sh is to the others, and the one to
 * attach to. It outlives the node agent. Configured by JSON in its only argument.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { AttachFrames, attachChannels, attachFrame } from './attach-frames.ts';
import { LogWriter } from './log-writer.ts';
import { killMarked, type Marks } from './marked-processes.ts';
import { readLeftovers } from './terminal-leftovers.ts';
import { TerminalSize } from './terminals.ts';

export interface InteractiveShimConfig {
  /** Gets the PID of the launcher. */
  readonly launcherFile: string;
  /** Gets the exit status, 128 + signal where a signal ended it. */
  readonly exitFile: string;
  readonly logPath: string;
  /** The unix socket to attach at. */
  readonly socketPath: string;
  readonly command: readonly string[];
  /** Whether input is taken; a terminal without it stays open all the same. */
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  /** Whether the input ends at once, as it has neither an input nor a terminal. */
  readonly noInput?: boolean;
  /** Whether to wait for the end of the output before the exit is reported, so that the log is complete by then. */
  readonly drain: boolean;
  /** Where, after its end, the rest may be of what it said: see terminal-leftovers.ts. */
  readonly leftoversFile?: string;
  /** Kills what has these in its environment first, as shim.sh does. */
  readonly marks?: Marks;
}

// Written by process-runtime.ts.
const config = JSON.parse(process.argv[2] ?? '') as InteractiveShimConfig;
const clients = new Set<net.Socket>();
/** What the program said before anybody attached; of more than some, the latest. */
let early: Buffer[] | undefined = [];
const EARLY_BYTES = 256 * 1024;
let earlyBytes = 0;

appendFileSync(config.logPath, '');
const server = net.createServer((client) => {
  clients.add(client);
  const frames = new AttachFrames();
  let wrote = false;
  // The first to come misses nothing, as programs are faster than clients; the others find the prompt that the program waits at.
  if (early) for (const frame of early) client.write(frame);
  else
    for (const name of ['stdout', 'stderr'] as const)
      if (logs[name].unfinished.length > 0) client.write(attachFrame(attachChannels[name], logs[name].unfinished));
  early = undefined;
  client.on('data', (bytes) => {
    for (const { channel, data } of frames.push(bytes)) {
      if (channel === attachChannels.resize) terminal.set(JSON.parse(data.toString()));
      else if (channel === attachChannels.stdinEnd) endInput();
      else if (channel === attachChannels.stdin && config.stdin) {
        wrote = true;
        if (child.stdin.writable && !child.stdin.write(data)) {
          client.pause();
          child.stdin.once('drain', () => client.resume());
        }
      }
    }
  });
  client.on('error', () => client.destroy());
  client.once('close', () => {
    clients.delete(client);
    if (wrote) endInput();
    resumeOutput();
  });
});
rmSync(config.socketPath, { force: true });
server.listen(config.socketPath);

// Only now, as who attaches when the program runs must find the socket.
const [program = '', ...args] = config.command;
const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
const terminal = new TerminalSize(child.pid, { namespaces: config.marks === undefined });
writeFileSync(config.launcherFile, String(child.pid));
// A program may end before it has read all its input.
child.stdin.on('error', () => undefined);
if (config.noInput) child.stdin.end();
const logs = { stdout: copy(child.stdout, 'stdout'), stderr: copy(child.stderr, 'stderr') };

child.once('exit', () => {
  if (config.marks === undefined) return;
  void killMarked(config.marks);
  // One that cleared its environment may still hold the output.
  setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), 1000).unref();
});
child.once(config.drain ? 'close' : 'exit', (code: number | null, signal: NodeJS.Signals | null) => {
  const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  server.close();
  for (const client of clients) client.end();
  rmSync(config.socketPath, { force: true });
  writeFileSync(config.exitFile, `${status}\n`);
  // A client that doesn't read must not keep this process.
  setTimeout(() => process.exit(), 1000).unref();
});

function endInput(): void {
  if (config.stdin && config.stdinOnce) child.stdin.end();
}

/** To the log and to everybody who is attached; the slowest of them holds the program up, as a terminal does. */
function copy(stream: Readable, name: 'stdout' | 'stderr'): LogWriter {
  const log = new LogWriter(config.logPath, name);
  const pass = (bytes: Buffer): void => {
    log.push(bytes);
    const frame = attachFrame(attachChannels[name], bytes);
    early?.push(frame);
    earlyBytes += frame.length;
    while (early && earlyBytes > EARLY_BYTES) earlyBytes -= early.shift()?.length ?? earlyBytes;
    for (const client of clients) {
      if (client.write(frame)) continue;
      stream.pause();
      client.once('drain', resumeOutput);
    }
  };
  stream.on('data', pass);
  stream.once('end', () => {
    if (name === 'stdout' && config.leftoversFile !== undefined) pass(readLeftovers(config.leftoversFile));
    log.end();
  });
  return log;
}

function resumeOutput(): void {
  if ([...clients].some((client) => client.writableNeedDrain)) return;
  child.stdout.resume();
  child.stderr.resume();
}
