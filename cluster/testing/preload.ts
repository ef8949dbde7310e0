/**
 * Loads, when skiff/testing is imported, what else would be loaded when the first cluster starts: SQLite's native code, the
 * tables that OpenSSL makes at its first use, and the schema of Kubernetes' types.
 */
import { schemaFor } from '@skiff/api/schema/schema';
import { makeCertificates } from '@skiff/apiserver/certificates/certificates';
import { openStore } from '@skiff/apiserver/storage/sqlite-store';

void openStore({ path: ':memory:' }).close();
makeCertificates();
schemaFor('V1Pod');
