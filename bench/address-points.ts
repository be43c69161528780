/** Address points of ten towns, the same in every run: as many streets with as many houses as a state has on the average. */
export type BenchPoint = {
  number: number;
  direction: string;
  name: string;
  type: string;
  city: string;
  postalCode: string;
};

const TOWNS = [
  ['Dallas', '75201'],
  ['Dallas', '75204'],
  ['Houston', '77002'],
  ['Austin', '78701'],
  ['San Antonio', '78205'],
  ['Fort Worth', '76102'],
  ['El Paso', '79901'],
  ['Plano', '75074'],
  ['Laredo', '78040'],
  ['Lubbock', '79401'],
] as const;
const TYPES = ['ST', 'AVE', 'RD', 'DR', 'LN', 'BLVD'] as const;
const DIRECTIONS = ['', 'N', 'S', 'E', 'W'] as const;
const SYLLABLES = [
  'ba',
  'cor',
  'del',
  'fin',
  'gar',
  'hol',
  'jen',
  'kel',
  'lo',
  'mar',
  'nor',
  'pi',
  'ra',
  'sil',
  'to',
  'vi',
  'wes',
];
const HOUSES = 25;

function nameOf(index: number): string {
  const pick = (place: number): string => SYLLABLES[place % SYLLABLES.length] ?? '';
  return `${pick(index)}${pick(Math.floor(index / 17))}${pick(Math.floor(index / 289))}ton`.toUpperCase();
}

export function benchPoint(place: number): BenchPoint {
  const street = Math.floor(place / HOUSES);
  const [city, postalCode] = TOWNS[street % TOWNS.length] ?? TOWNS[0];
  const within = Math.floor(street / TOWNS.length);
  return {
    number: 100 + (place % HOUSES) * 2 + (street % 7) * 100,
    direction: DIRECTIONS[Math.floor(within / 12_000) % DIRECTIONS.length] ?? '',
    name: nameOf(within % 2_000),
    type: TYPES[Math.floor(within / 2_000) % TYPES.length] ?? 'ST',
    city,
    postalCode,
  };
}

/** The point that is asked for at a place of the run: all over the layer, one after the other far apart. */
export function askedPoint(place: number, points: number): number {
  return (place * 7_919) % points;
}
