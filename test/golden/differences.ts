/** An exchange that Skiff answers otherwise than kube-apiserver did when it was recorded, on purpose. */
export interface Difference {
  readonly case: string;
  readonly step: string;
  readonly reason: string;
}

export const differences: readonly Difference[] = [];
