import express, { type Response, type Router } from 'express';
import { type ServiceAccountTokens, tokenIssuer } from '../authentication/service-account-tokens.ts';

const keysPath = '/openid/v1/jwks';

/**
 * The documents by which others verify the tokens of service accounts (OpenID Connect Discovery 1.0 section 4). Who may read them is
 * a question of RBAC: service accounts may, by the role system:service-account-issuer-discovery.
 */
export function issuerRoutes(tokens: ServiceAccountTokens): Router {
  const router = express.Router();
  const send = (response: Response, type: string, document: object): void => {
    response.writeHead(200, { 'content-type': type, 'cache-control': 'public, max-age=3600' });
    response.end(JSON.stringify(document));
  };
  router.get('/.well-known/openid-configuration', (_request, response) =>
    send(response, 'application/json', {
      issuer: tokenIssuer,
      jwks_uri: `${tokenIssuer}${keysPath}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: tokens.publicKeys.keys.map(({ alg }) => alg),
    }),
  );
  router.get(keysPath, (_request, response) => send(response, 'application/jwk-set+json', tokens.publicKeys));
  return router;
}
