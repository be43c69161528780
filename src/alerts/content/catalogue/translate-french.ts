/** Sentences that other parts write in English. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['alert address of the building', 'adresse d’alerte du bâtiment'],
  ['alert address of the emergency response location', 'adresse d’alerte du lieu d’intervention d’urgence'],
  ['emergency call notification of the location', 'avis d’appel d’urgence de l’emplacement'],
  [
    'emergency call notification of the organization for all locations',
    'avis d’appel d’urgence de l’organisation pour tous les emplacements',
  ],
  [
    'emergency call notification of the organization, as nobody else would be told',
    'avis d’appel d’urgence de l’organisation, car personne d’autre ne serait avisé',
  ],
  [
    'alert address of one of the buildings, as the site of the call is not known',
    'adresse d’alerte d’un des bâtiments, car le site de l’appel n’est pas connu',
  ],
  ['This browser asked to be told by push.', 'Ce navigateur a demandé à être avisé'],
  ['the caller’s own number', 'le numéro de l’appelant lui-même'],
  ['the direct line of the caller', 'la ligne directe de l’appelant'],
  ['the emergency callback number set for the location', 'le numéro de rappel d’urgence fixé pour l’emplacement'],
  ['the number of the member chosen for the caller', 'le numéro du membre choisi pour l’appelant'],
  ['the main number of the location', 'le numéro principal de l’emplacement'],
  ['neither the caller nor the location has an active number', 'ni l’appelant ni l’emplacement n’ont de numéro actif'],
  ['as asserted on the call; not a known number', 'tel qu’annoncé par l’appel; numéro non connu'],
  ['the call carries no number that can be called', 'l’appel ne porte aucun numéro qu’on puisse appeler'],
]);

/** How the reason of a rule can end. */
const ENDINGS: readonly (readonly [english: string, french: string])[] = [
  [
    ', as the site is not known and nobody else would be told',
    ', car le site n’est pas connu et personne d’autre ne serait avisé',
  ],
  [', as nobody else would be told', ', car personne d’autre ne serait avisé'],
  [', as nobody of it is on duty', ', car personne n’y est de service'],
];

/** The sentence in Canadian French; one that is not known here stays as it was written. */
export function translateFrench(sentence: string): string {
  const known = SENTENCES.get(sentence);
  if (known !== undefined) return known;
  const ending = ENDINGS.find(([english]) => sentence.endsWith(english));
  const rule = ending === undefined ? sentence : sentence.slice(0, -ending[0].length);
  const [, name, group] = /^rule "(.*?)"(?:, group "(.*)")?$/.exec(rule) ?? [];
  if (name === undefined) return sentence;
  const said = group === undefined ? `règle « ${name} »` : `règle « ${name} », groupe « ${group} »`;
  return `${said}${ending?.[1] ?? ''}`;
}
