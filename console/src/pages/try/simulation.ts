import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { readPoint } from '../../parts/read-point.ts';

type Post = paths['/api/explain/simulation']['post'];
export type SimulationRequest = Post['requestBody']['content']['application/json'];
export type Simulation = Post['responses']['200']['content']['application/json'];

/** How one says from where the call would come. */
export const PLACE_KINDS = ['number', 'device', 'switch-port', 'bssid', 'response-location', 'point'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** What is asked, as the address bar has it. */
export type Asked = {
  from: string;
  dialed: '911' | '933';
  kind: PlaceKind;
  /** Device, chassis, BSSID, id of a response location, or a point or address. */
  value: string;
  /** Port of a switch. */
  port: string;
  /** Of a response location. */
  name: string;
};

function placeOf({ kind, port, value }: Asked): SimulationRequest['place'] {
  switch (kind) {
    case 'number':
      return undefined;
    case 'device':
      return { kind, device: value };
    case 'switch-port':
      return { kind, chassis: value, ...(port !== '' && { port }) };
    case 'bssid':
      return { kind, bssid: value };
    case 'response-location':
      return { kind, id: value };
    case 'point': {
      const point = readPoint(value);
      return point ? { kind: 'point', ...point } : { kind: 'address', address: value };
    }
  }
}

export function isComplete({ from, kind, value }: Asked): boolean {
  if (kind === 'number') return from.trim() !== '';
  if (kind === 'point') return from.trim() !== '' && value.trim() !== '';
  return value.trim() !== '';
}

/** What would happen; asked again whenever what is asked changes. */
export function useSimulation(asked: Asked | null) {
  return useQuery({
    queryKey: ['simulation', asked],
    enabled: asked !== null,
    gcTime: 0,
    queryFn: async () => {
      if (asked === null) return undefined;
      const place = placeOf(asked);
      const from = asked.from.trim();
      const body: SimulationRequest = {
        dialed: asked.dialed,
        ...(from !== '' && { from }),
        ...(place && { place }),
      };
      return (await api.POST('/api/explain/simulation', { body })).data;
    },
  });
}
