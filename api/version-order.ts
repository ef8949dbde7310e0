interface Parts {
  readonly major: number;
  /** 2: a release, 1: beta, 0: alpha. */
  readonly stage: number;
  readonly minor: number;
}

const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

function parse(version: string): Parts | undefined {
  const [, major, stage, minor] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  if (!major) return undefined;
  return { major: Number(major), stage: stage ? (stages[stage] ?? 0) : 2, minor: Number(minor ?? 0) };
}

/**
 * Orders the versions of an API group, the preferred first: releases before betas before alphas, higher numbers first, then names
 * of no such form by the alphabet (Kubernetes documentation, "Version priority" of CustomResourceDefinitions).
 */
export function compareVersions(one: string, other: string): number {
  const a = parse(one);
  const b = parse(other);
  if (a && b) return b.stage - a.stage || b.major - a.major || b.minor - a.minor;
  if (a || b) return a ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
