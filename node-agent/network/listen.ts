import { followedDirectory, isNameOnly } from './connect.ts';
import type { Place, RealPlace } from './port-directory.ts';

/** Where to listen so that a place is served: elsewhere, on a port that is free, where its address is only a name. */
export function placeToListen(place: Place): RealPlace {
  return isNameOnly(place) ? { address: '127.0.0.1', port: 0 } : place;
}

/** Tells the directory, where one is followed, that a place is served and where. Answers with the function that takes it back. */
export function tellPlace(place: Place, real: RealPlace): () => void {
  if (!isNameOnly(place)) return () => undefined;
  followedDirectory()?.announce(place, real);
  return () => followedDirectory()?.withdraw(place);
}
