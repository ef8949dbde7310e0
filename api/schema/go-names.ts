/** The Go type of a model: `V1PodSpec` is `PodSpec`, `DiscoveryV1EndpointPort` is `EndpointPort`. */
export function goTypeName(model: string): string {
  return model.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '');
}

/** A JSON value in the words of Go's decoder. */
export function goValueName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
