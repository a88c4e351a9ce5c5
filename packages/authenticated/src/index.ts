export { type AuthenticatedTransport, authenticated, type RejectedFrames } from './authenticated.ts';
export { type AuthenticatedOptions, type KeyMaterial, newKey } from './cluster-key.ts';
