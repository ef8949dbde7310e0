/** How a link is. Unknown is what could not be found out: it is never taken for OK. */
export type State = 'ok' | 'warning' | 'broken' | 'unknown';

export interface Verdict {
  readonly state: State;
  /** One line. */
  readonly says: string;
  /** What was seen, a line each. */
  readonly evidence?: readonly string[];
  /** What to type to mend it. */
  readonly mend?: readonly string[];
}

type More = Omit<Verdict, 'state' | 'says'>;

export const ok = (says: string, more: More = {}): Verdict => ({ state: 'ok', says, ...more });
export const warning = (says: string, more: More = {}): Verdict => ({ state: 'warning', says, ...more });
export const broken = (says: string, more: More = {}): Verdict => ({ state: 'broken', says, ...more });
export const unknown = (says: string, more: More = {}): Verdict => ({ state: 'unknown', says, ...more });

const severity: Readonly<Record<State, number>> = { ok: 0, warning: 1, unknown: 2, broken: 3 };

/** The gravest of several verdicts about the parts of one link, with the evidence of all that are no better. */
export function gravest(verdicts: readonly Verdict[], whenAllOk: (count: number) => string): Verdict {
  const worst = verdicts.toSorted((a, b) => severity[b.state] - severity[a.state])[0];
  if (!worst || worst.state === 'ok') {
    return ok(whenAllOk(verdicts.length), { evidence: verdicts.flatMap(({ evidence = [] }) => evidence) });
  }
  const alike = verdicts.filter(({ state }) => state === worst.state);
  const others = alike.map(({ says }) => says).filter((says) => says !== worst.says);
  return {
    ...worst,
    evidence: [...new Set([...(worst.evidence ?? []), ...others, ...alike.flatMap(({ evidence = [] }) => evidence)])],
    mend: [...new Set(alike.flatMap(({ mend = [] }) => mend))],
  };
}
