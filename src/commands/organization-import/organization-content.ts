/** Kinds of things that an import takes over, in the order in which they are shown. */
export const KINDS = [
  'location',
  'number',
  'mainNumber',
  'person',
  'workspace',
  'virtualLine',
  'huntGroup',
  'callback',
] as const;

export type Kind = (typeof KINDS)[number];

export const MEMBER_KINDS = ['person', 'workspace', 'virtualLine', 'huntGroup'] as const satisfies readonly Kind[];

export type MemberKind = (typeof MEMBER_KINDS)[number];

/** Text of every field. null = has none; absent = not said, and so never compared. */
export type Fields = Readonly<Record<string, string | null | undefined>>;

/** One location, number or member, as one side has it. */
export type Item = {
  kind: Kind;
  /** Names it on its side: its id, or what stands for it in a file. */
  key: string;
  /** What the source always calls it, also after it was renamed. */
  sourceId?: string | undefined;
  /** Key of its location. */
  at?: string | undefined;
  /** For people. */
  title: string;
  fields: Fields;
  /** Said when it is made, and not compared. */
  once?: Fields | undefined;
  /** A number: key of the member who has it. */
  owner?: string | undefined;
};

/** What an organization has, or is to have: the same form for both sides of a comparison. */
export type OrganizationContent = {
  items: Readonly<Record<Kind, readonly Item[]>>;
  /** Kinds that were read; of the others nothing is known. */
  given: ReadonlySet<Kind>;
};

/** Something of the source that cannot be taken over, and why. */
export type LeftOut = { what: string; reason: string };

export function noItems(): Record<Kind, Item[]> {
  return {
    location: [],
    number: [],
    mainNumber: [],
    person: [],
    workspace: [],
    virtualLine: [],
    huntGroup: [],
    callback: [],
  };
}

/** A name as it is compared: NFC, lower case, single spaces. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
