import type { ObjectMeta } from '@skiff/api/meta';
import type { FakeProgram } from '@skiff/node-agent/runtime/fake';
import { matchesContainer, matchesPod, type PodMatch } from './pod-match.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** What containers do that a test has something to say about. Of several rules that meet a container, the newest that speaks wins. */
interface Rule {
  readonly match: PodMatch;
  readonly pending?: string;
  readonly ready?: boolean;
  readonly program?: FakeProgram;
}

/** What a command run by exec in a simulated container does. */
export interface SimulatedExec {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export type ExecHandler = (
  command: readonly string[],
  about: { readonly namespace: string; readonly name: string; readonly container: string; readonly stdin: string },
) => SimulatedExec;

/** Takes back what a test said. */
export type Undo = () => void;

/**
 * The Pods of simulated nodes. They run, and are ready at once, unless a test says otherwise: for Pods that there are and that
 * there will be, until it is taken back.
 */
export class SimulatedPods {
  readonly #nodes: () => Iterable<SimulatedNode>;
  #rules: Rule[] = [];
  #exec: ExecHandler = () => ({});

  constructor(nodes: () => Iterable<SimulatedNode>) {
    this.#nodes = nodes;
  }

  /** They stay Pending on their node, with their containers in ContainerCreating; those that run already go on. */
  keepPending(match: PodMatch, { message = 'the test keeps this Pod pending' } = {}): Undo {
    return this.#add({ match, pending: message });
  }

  /** Their containers run and are not ready. */
  keepUnready(match: PodMatch): Undo {
    return this.#add({ match, ready: false });
  }

  /** Their containers end with an exit code, now and at each start. */
  fail(match: PodMatch, { exitCode = 1 } = {}): Undo {
    const undo = this.#add({ match, program: { exitCode } });
    this.exit(match, { exitCode });
    return undo;
  }

  /** Their containers can't be started: RunContainerError. Those that run go on. */
  refuseStart(match: PodMatch, { message = 'the test refuses to start this container' } = {}): Undo {
    return this.#add({ match, program: { startError: message } });
  }

  /** Their containers write these lines when they start, and go on running. */
  print(match: PodMatch, lines: readonly string[]): Undo {
    return this.#add({ match, program: { output: lines } });
  }

  /** Ends containers that run now, once; the Pod's restart policy decides what follows. */
  exit(match: PodMatch, { exitCode = 0 } = {}): void {
    for (const node of this.#nodes()) node.exit(match, exitCode);
  }

  /** Answers every exec. By default all commands succeed and say nothing. */
  onExec(handler: ExecHandler): void {
    this.#exec = handler;
  }

  /** For nodes: why a Pod can't be set up. */
  pending(metadata: ObjectMeta): string | undefined {
    return this.#said(metadata, undefined, ({ pending }) => pending);
  }

  /** For nodes: whether a running container is ready. */
  isReady(metadata: ObjectMeta, container: string): boolean {
    return this.#said(metadata, container, ({ ready }) => ready) ?? true;
  }

  /** For nodes. */
  program(metadata: ObjectMeta, container: string): FakeProgram {
    return this.#said(metadata, container, ({ program }) => program) ?? {};
  }

  /** For nodes. */
  exec(...call: Parameters<ExecHandler>): SimulatedExec {
    return this.#exec(...call);
  }

  #said<T>(metadata: ObjectMeta, container: string | undefined, read: (rule: Rule) => T | undefined): T | undefined {
    const rule = this.#rules.findLast(
      (candidate) =>
        read(candidate) !== undefined &&
        matchesPod(candidate.match, metadata) &&
        (container === undefined || matchesContainer(candidate.match, container)),
    );
    return rule && read(rule);
  }

  #add(rule: Rule): Undo {
    this.#rules = [...this.#rules, rule];
    this.#lookAgain();
    return () => {
      this.#rules = this.#rules.filter((kept) => kept !== rule);
      this.#lookAgain();
    };
  }

  #lookAgain(): void {
    for (const node of this.#nodes()) node.lookAgain();
  }
}
