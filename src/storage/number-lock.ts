import { sql } from 'kysely';
import type { Transaction } from './database.ts';

const NUMBER_LOCK = 911_000_002;

/**
 * Lets one transaction at a time, until its end, decide what telephone numbers are for: a number is a member's or an ELIN, and
 * the two stand in tables that no common key ties together. Take it before looking whether a number is free.
 */
export async function lockNumberUse(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${NUMBER_LOCK})`.execute(tx);
}
