import type { paths } from '../../api/schema.generated.ts';

export type Member = paths['/api/members']['get']['responses']['200']['content']['application/json']['items'][number];
export type MemberDetail = paths['/api/members/{memberId}']['get']['responses']['200']['content']['application/json'];
export type NumberEntry =
  paths['/api/numbers']['get']['responses']['200']['content']['application/json']['items'][number];
