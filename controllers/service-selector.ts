/** Whether labels fulfil a Service's selector. Unlike a LabelSelector's, an absent or empty one selects nothing. */
export function selectsEndpoints(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}
