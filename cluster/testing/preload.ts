/**
 * Loads, when skiff/testing is imported, what else would be loaded when the first cluster starts: SQLite's native code, the
 * tables that OpenSSL makes at its first use and the certificates, and the schema of Kubernetes' types.
 */
import { schemaFor } from '@skiff/api/schema/schema';
import { openStore } from '@skiff/apiserver/storage/sqlite-store';
import { certificatesFor } from './certificates.ts';

void openStore({ path: ':memory:' }).close();
certificatesFor([]);
schemaFor('V1Pod');
