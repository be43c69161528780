import type { ApiClient } from '../transport/api-client.ts';

export type ValidateAddressOptions = {
  address1?: string;
  address2?: string;
  city?: string;
  state?: string;
  postalCode?: string;
  country?: string;
};

type Postal = Required<ValidateAddressOptions>;

type Answer = {
  level: string | null;
  address: Postal;
  corrections: { field: string; from: string; to: string; reason: string }[];
  errors: { code: string; title: string; detail: string }[];
  findings: string[];
  candidates: { address: Postal; reason: string }[];
  source: string;
  score: number;
  geocode?: { position: { latitude: number; longitude: number }; precision: string };
  override?: { madeBy: string; madeAt: string; reason: string };
};

function oneLine({ address1, address2, city, state, postalCode, country }: Postal): string {
  return [address1, address2, city, `${state} ${postalCode}`.trim(), country].filter(Boolean).join(', ');
}

/** `waymark address validate`: the lines to print, and whether nothing is wrong with the address. */
export async function validateAddress(
  api: ApiClient,
  text: string,
  options: ValidateAddressOptions,
): Promise<{ lines: string[]; isRight: boolean }> {
  const body = { ...(text !== '' && { text }), ...options };
  const { level, address, corrections, errors, findings, candidates, source, score, geocode, override } =
    await api.request<Answer>('POST', '/api/addresses/validate', body);
  return {
    isRight: errors.length === 0,
    lines: [
      oneLine(address),
      `  level: ${level ?? 'none'}, score ${score} (${source})`,
      ...(geocode
        ? [`  place: ${geocode.position.latitude}, ${geocode.position.longitude} (${geocode.precision})`]
        : []),
      ...(override ? [`  vouched for by ${override.madeBy} on ${override.madeAt}: ${override.reason}`] : []),
      ...corrections.map(({ field, from, to, reason }) => `  corrected: ${field} "${from}" -> "${to}": ${reason}`),
      ...findings.map((finding) => `  ${finding}`),
      ...errors.map(({ code, title, detail }) => `  ${title} (${code}): ${detail}`),
      ...candidates.map((candidate) => `  perhaps: ${oneLine(candidate.address)} (${candidate.reason})`),
    ],
  };
}
