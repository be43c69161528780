import type { LocationValue } from '../domain/location-value.ts';
import type { RouteDestination } from './route.ts';

export type { Mapping, Route, RouteDestination, RouteQuality, RunnerUp } from './route.ts';

/** Public face of ROUTE: which destination serves a location. Answers come from memory and never wait for anything. */
export type Routing = {
  /**
   * The destination for `service` (a service URN) at `location`; null when the location is unusable or lies outside every
   * boundary (the caller then uses the relay centre). Never throws.
   */
  destinationsFor(location: LocationValue, service: string): RouteDestination | null;
};
