import { en, type Texts } from './en.ts';

/** The texts in the viewer's language, as far as there are any. */
const languages: Readonly<Record<string, Texts>> = { en };

export const texts: Texts = languages[navigator.language.slice(0, 2)] ?? en;
