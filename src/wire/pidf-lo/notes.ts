const MAX_NOTES = 50;
const MAX_LENGTH = 300;

/** Remarks made while a document is read: bounded, so that a hostile document cannot fill a trace. */
export type Notes = { readonly list: readonly string[]; add(note: string): void };

export function createNotes(): Notes {
  const list: string[] = [];
  return {
    list,
    add(note) {
      if (list.length === MAX_NOTES) list.push('further notes left out');
      else if (list.length < MAX_NOTES) list.push(note.length > MAX_LENGTH ? `${note.slice(0, MAX_LENGTH)}…` : note);
    },
  };
}
