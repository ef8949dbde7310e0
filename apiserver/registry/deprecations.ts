/** What is said with every answer about kinds that are on their way out. */
export const deprecations: Readonly<Record<string, readonly string[]>> = {
  Endpoints: ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
};
