/** The IPv4 address that `5.1.244.10.in-addr.arpa` asks about; undefined for all other names. */
export function reverseAddress(name: string): string | undefined {
  const [, digits] = /^(\d{1,3}(?:\.\d{1,3}){3})\.in-addr\.arpa$/.exec(name) ?? [];
  return digits?.split('.').reverse().join('.');
}

/** Whether the name is in the reverse zone of a private network, which no resolver outside can know (RFC 6303). */
export function isPrivateReverse(name: string): boolean {
  return /(^|\.)(10|168\.192|(1[6-9]|2\d|3[01])\.172)\.in-addr\.arpa$/.test(name);
}
