/**
 * Loads, when skiff/testing is imported, what else would be loaded when the first cluster starts: SQLite's native code, the
 * tables that OpenSSL makes at its first use and the certificates, the pattern of IPv6 addresses that Node compiles before it listens, and
 * the schema of Kubernetes' types.
 */
import { isIPv6 } from 'node:net';
import { createSecureContext } from 'node:tls';
import { schemaFor } from '@skiff/api/schema/schema';
import { openStore } from '@skiff/apiserver/storage/sqlite-store';
import { certificatesFor } from './certificates.ts';

void openStore({ path: ':memory:' }).close();
createSecureContext({ ...certificatesFor([]).serving });
isIPv6('::1');
schemaFor('V1Pod');
