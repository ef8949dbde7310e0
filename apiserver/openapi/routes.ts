import express, { type Router } from 'express';

/** The OpenAPI documents. */
export function openApiRoutes(): Router {
  return express.Router();
}
