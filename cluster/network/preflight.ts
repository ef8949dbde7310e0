import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A step of bringing up the cluster's network that this machine refuses. The message is one sentence and the fix. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
  readonly step: string;
  readonly reason: string;
  readonly fix: string;

  constructor(about: { step: string; cause: string; said?: string; fix: string }) {
    const said = about.said === undefined ? '' : ` (${about.said})`;
    super(`cannot start the cluster's network: ${about.step}: ${about.cause}${said}. ${about.fix}`);
    this.step = about.step;
    this.reason = about.cause;
    this.fix = about.fix;
  }
}

/** What a failed step left behind. */
export interface Failure {
  /** As the init script announced it; `namespaces` before it ran at all. */
  readonly step: string;
  /** What the tools said. */
  readonly output: string;
}

/** What the machine says about itself, looked at only after something failed. */
export interface MachineFacts {
  readonly root: boolean;
  /** The text of a file, trimmed; undefined where it can't be read. */
  readonly file: (path: string) => string | undefined;
}

/** Programs that the network can't do without, and the package that brings them. */
const tools = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount (part of util-linux)',
  ip: 'iproute2',
} as const;

/** Throws {@link CannotStart} for a system that has no namespaces, or a program that is not on the PATH. */
export function requireTools(path = process.env['PATH'] ?? ''): void {
  if (process.platform !== 'linux')
    throw new CannotStart({
      step: 'namespaces',
      cause: `${process.platform} has none`,
      fix: 'Start it without --network own',
    });
  for (const [tool, owner] of Object.entries(tools)) {
    if (!isOnPath(tool, path))
      throw new CannotStart({
        step: `look for "${tool}"`,
        cause: `there is no program "${tool}" on the PATH`,
        fix: `Install the package ${owner}`,
      });
  }
}

/** Whether the PATH has a program of that name. */
export function isOnPath(tool: string, path = process.env['PATH'] ?? ''): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Says why a step failed and what to do about it. Probing in advance would answer another question than the kernel does. */
export function explain(failure: Failure, facts: MachineFacts = thisMachine()): CannotStart {
  const { step, output } = failure;
  const known = causes.find((cause) => cause.applies(failure, facts));
  const said = output.trim().replaceAll('\n', '; ') || 'it ended without a message';
  if (known === undefined)
    return new CannotStart({ step, cause: said, fix: 'Run it as root, or on a machine that permits user namespaces' });
  return new CannotStart({ step, cause: known.cause, said, fix: known.fix });
}

interface Cause {
  readonly applies: (failure: Failure, facts: MachineFacts) => boolean;
  readonly cause: string;
  readonly fix: string;
}

const causes: readonly Cause[] = [
  {
    applies: ({ output }, facts) =>
      facts.file('/proc/sys/user/max_user_namespaces') === '0' || output.includes('No space left on device'),
    cause: 'the kernel allows no more user namespaces',
    fix: 'Run: sudo sysctl user.max_user_namespaces=15000',
  },
  {
    applies: (_, facts) => !facts.root && facts.file('/proc/sys/kernel/unprivileged_userns_clone') === '0',
    cause: 'this kernel keeps user namespaces for root',
    fix: 'Run: sudo sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    applies: (_, facts) => !facts.root && facts.file('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1',
    cause: 'AppArmor restricts user namespaces of ordinary users',
    fix: 'Run: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or give it an AppArmor profile with "userns,", or run it as root',
  },
  {
    applies: ({ step }) => step === 'mount /proc',
    cause: 'parts of /proc are masked here, as in most containers',
    fix: 'Start the container with --security-opt systempaths=unconfined, or with --privileged',
  },
  {
    applies: ({ step, output }, facts) =>
      step === 'namespaces' &&
      output.includes('not permitted') &&
      /^Seccomp:\s*2$/m.test(facts.file('/proc/self/status') ?? ''),
    cause: 'a seccomp filter forbids new namespaces, as in most containers',
    fix: 'Start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or with --privileged',
  },
  {
    applies: ({ step, output }, facts) => facts.root && step === 'namespaces' && output.includes('not permitted'),
    cause: 'root has no CAP_SYS_ADMIN here, as in most containers',
    fix: 'Start the container with --privileged, or run it as an ordinary user',
  },
];

function thisMachine(): MachineFacts {
  return {
    root: process.getuid?.() === 0,
    file: (path) => {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        return undefined;
      }
    },
  };
}
