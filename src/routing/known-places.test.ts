/**
 * Places over all states, territories and provinces, and what they belong to by the law and not by our data: seats of government,
 * and places where maps go wrong. A miss says why, and what is answered in its stead.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CA_REGIONS, US_REGIONS } from '../domain/regions.ts';
import { explainRoute } from './explain-route.ts';
import { testSnapshot } from './test-snapshot.ts';

type KnownPlace = [
  name: string,
  latitude: number,
  longitude: number,
  /** County by its number, or province by its two letters; null: none of ours. */
  truth: string | null,
  /** What is answered instead; null: nothing. */
  miss?: { answer: string | null; because: string },
];

const SEATS: readonly KnownPlace[] = [
  ['Montgomery, AL', 32.3792, -86.3077, '01101'],
  ['Juneau, AK', 58.3019, -134.4197, '02110'],
  ['Phoenix, AZ', 33.4484, -112.074, '04013'],
  ['Little Rock, AR', 34.7465, -92.2896, '05119'],
  ['Sacramento, CA', 38.5767, -121.4934, '06067'],
  ['Denver, CO', 39.7392, -104.9849, '08031'],
  ['Hartford, CT', 41.764, -72.6822, '09003'],
  ['Dover, DE', 39.1573, -75.5197, '10001'],
  ['Washington, DC', 38.9007, -77.0365, '11001'],
  ['Tallahassee, FL', 30.4382, -84.2807, '12073'],
  ['Atlanta, GA', 33.749, -84.388, '13121'],
  ['Honolulu, HI', 21.3069, -157.8583, '15003'],
  ['Boise, ID', 43.6178, -116.1996, '16001'],
  ['Springfield, IL', 39.7984, -89.6544, '17167'],
  ['Indianapolis, IN', 39.7684, -86.1581, '18097'],
  ['Des Moines, IA', 41.5911, -93.6037, '19153'],
  ['Topeka, KS', 39.0483, -95.678, '20177'],
  ['Frankfort, KY', 38.1867, -84.8753, '21073'],
  ['Baton Rouge, LA', 30.4571, -91.1874, '22033'],
  ['Augusta, ME', 44.3072, -69.7817, '23011'],
  ['Annapolis, MD', 38.9786, -76.491, '24003'],
  ['Boston, MA', 42.3582, -71.0637, '25025'],
  ['Lansing, MI', 42.7336, -84.5553, '26065'],
  ['Saint Paul, MN', 44.9553, -93.1022, '27123'],
  ['Jackson, MS', 32.3039, -90.1821, '28049'],
  ['Jefferson City, MO', 38.5791, -92.173, '29051'],
  ['Helena, MT', 46.5857, -112.0184, '30049'],
  ['Lincoln, NE', 40.8081, -96.6997, '31109'],
  ['Carson City, NV', 39.1639, -119.7662, '32510'],
  ['Concord, NH', 43.2067, -71.5376, '33013'],
  ['Trenton, NJ', 40.2206, -74.7699, '34021'],
  ['Santa Fe, NM', 35.6824, -105.9397, '35049'],
  ['Albany, NY', 42.6526, -73.7573, '36001'],
  ['Raleigh, NC', 35.7804, -78.6391, '37183'],
  ['Bismarck, ND', 46.8207, -100.7827, '38015'],
  ['Columbus, OH', 39.9614, -82.9988, '39049'],
  ['Oklahoma City, OK', 35.4923, -97.5033, '40109'],
  ['Salem, OR', 44.9387, -123.0301, '41047'],
  ['Harrisburg, PA', 40.2644, -76.8836, '42043'],
  ['Providence, RI', 41.8309, -71.4149, '44007'],
  ['Columbia, SC', 34.0004, -81.0332, '45079'],
  ['Pierre, SD', 44.3671, -100.3464, '46065'],
  ['Nashville, TN', 36.1658, -86.7842, '47037'],
  ['Austin, TX', 30.2747, -97.7404, '48453'],
  ['Salt Lake City, UT', 40.7774, -111.8882, '49035'],
  ['Montpelier, VT', 44.2624, -72.5805, '50023'],
  ['Richmond, VA', 37.5388, -77.4336, '51760'],
  ['Olympia, WA', 47.0358, -122.9049, '53067'],
  ['Charleston, WV', 38.3363, -81.6123, '54039'],
  ['Madison, WI', 43.0746, -89.3844, '55025'],
  ['Cheyenne, WY', 41.1403, -104.8203, '56021'],
  ['Pago Pago, AS', -14.2756, -170.702, '60010'],
  ['Hagåtña, GU', 13.4757, 144.7489, '66010'],
  ['Saipan, MP', 15.1778, 145.7508, '69110'],
  ['San Juan, PR', 18.4655, -66.1057, '72127'],
  ['Charlotte Amalie, VI', 18.3419, -64.9307, '78030'],
  ['Edmonton, AB', 53.5461, -113.4938, 'ab'],
  ['Victoria, BC', 48.4284, -123.3656, 'bc'],
  ['Winnipeg, MB', 49.8951, -97.1384, 'mb'],
  ['Fredericton, NB', 45.9636, -66.6431, 'nb'],
  ["St. John's, NL", 47.5615, -52.7126, 'nl'],
  ['Halifax, NS', 44.6488, -63.5752, 'ns'],
  ['Yellowknife, NT', 62.454, -114.3718, 'nt'],
  ['Iqaluit, NU', 63.7467, -68.517, 'nu'],
  ['Toronto, ON', 43.6532, -79.3832, 'on'],
  ['Charlottetown, PE', 46.2382, -63.1311, 'pe'],
  ['Québec, QC', 46.8139, -71.208, 'qc'],
  ['Regina, SK', 50.4452, -104.6189, 'sk'],
  ['Whitehorse, YT', 60.7212, -135.0568, 'yt'],
];

const INDEPENDENT_CITIES: readonly KnownPlace[] = [
  ['Alexandria', 38.8048, -77.0469, '51510'],
  ['Fairfax', 38.8462, -77.3064, '51600'],
  ['Norfolk', 36.8508, -76.2859, '51710'],
  ['Roanoke', 37.271, -79.9414, '51770'],
  ['Virginia Beach', 36.8529, -75.978, '51810'],
  ['Lexington', 37.784, -79.4428, '51678'],
  ['Winchester', 39.1857, -78.1633, '51840'],
  ['Baltimore, the city', 39.2904, -76.6122, '24510'],
  ['Towson, in Baltimore County', 39.4015, -76.6019, '24005'],
  ['St. Louis, the city', 38.627, -90.1994, '29510'],
  ['Clayton, in St. Louis County', 38.6426, -90.3237, '29189'],
  [
    'Falls Church',
    38.8823,
    -77.1711,
    '51610',
    { answer: '51059', because: 'the grid of the source flattens the smallest city to a line' },
  ],
];

const BORDERS: readonly KnownPlace[] = [
  ['Kansas City, Missouri', 39.0997, -94.5786, '29095'],
  ['Kansas City, Kansas', 39.1141, -94.6275, '20209'],
  ['Texarkana, Texas', 33.4251, -94.0577, '48037'],
  ['Texarkana, Arkansas', 33.4418, -94.0277, '05091'],
  ['Bristol, Tennessee', 36.5851, -82.1887, '47163'],
  ['Omaha, Nebraska', 41.2565, -95.9345, '31055'],
  ['Council Bluffs, Iowa', 41.2619, -95.8608, '19155'],
  ['Cincinnati, Ohio', 39.1131, -84.512, '39061'],
  ['Covington, Kentucky', 39.0737, -84.5086, '21117'],
  [
    'Carter Lake, Iowa, on the Nebraska side of its river',
    41.2906,
    -95.9178,
    '19155',
    { answer: '31055', because: 'the source draws the state line by the river alone' },
  ],
  ['Point Roberts, Washington, reached through Canada only', 48.985, -123.075, '53073'],
  ['Northwest Angle, Minnesota', 49.3456, -95.0731, '27077'],
  ['Niagara Falls, New York', 43.0962, -79.0377, '36063'],
  ['Niagara Falls, Ontario', 43.0896, -79.0849, 'on'],
  ['Detroit', 42.3314, -83.0458, '26163'],
  ['Windsor', 42.3049, -83.0364, 'on'],
  ['Hyder, Alaska', 55.917, -130.0247, '02198'],
  ['Lloydminster, Alberta', 53.2783, -110.03, 'ab'],
  ['Lloydminster, Saskatchewan', 53.2783, -109.97, 'sk'],
  ['Gatineau, Québec', 45.4765, -75.7013, 'qc'],
  ['Ottawa, Ontario', 45.4215, -75.6972, 'on'],
  ['Labrador City', 52.9463, -66.9114, 'nl'],
  ['Ciudad Juárez, Mexico', 31.6904, -106.4245, null],
];

const ISLANDS: readonly KnownPlace[] = [
  ['Vieques', 18.1263, -65.4401, '72147'],
  ['Culebra', 18.303, -65.301, '72049'],
  ['St. Croix', 17.7466, -64.7033, '78010'],
  ['St. John', 18.3313, -64.7937, '78020'],
  ['Tinian', 14.9673, 145.6195, '69120'],
  ['Rota', 14.1509, 145.2129, '69100'],
  ["Ta'u", -14.2358, -169.5117, '60020'],
  [
    'Swains Island',
    -11.0556,
    -171.0778,
    '60040',
    { answer: null, because: 'the source leaves it out, and it lies farther than 50 km from everything' },
  ],
  ['Nantucket', 41.2835, -70.0995, '25019'],
  ["Edgartown, Martha's Vineyard", 41.389, -70.5134, '25007'],
  ['Block Island', 41.1732, -71.5782, '44009'],
  ['Key West', 24.5551, -81.78, '12087'],
  ['Galveston', 29.3013, -94.7977, '48167'],
  ['Ocracoke', 35.1146, -75.981, '37095'],
  ['Avalon, Catalina', 33.3428, -118.3282, '06037'],
  ['Friday Harbor, San Juan Islands', 48.5343, -123.0171, '53055'],
  ['Mackinac Island', 45.8492, -84.6189, '26097'],
  ['Kodiak', 57.79, -152.4072, '02150'],
  ['Little Diomede', 65.7581, -168.9531, '02180'],
  ['Kaunakakai, Molokai', 21.0889, -157.0228, '15009'],
  ['Kalaupapa, a county of its own', 21.1889, -156.9817, '15005'],
  ['Lihue, Kauai', 21.9811, -159.3711, '15007'],
  ['Îles de la Madeleine', 47.38, -61.86, 'qc'],
];

const RESERVATIONS: readonly KnownPlace[] = [
  ['Window Rock, Navajo Nation', 35.6806, -109.0626, '04001'],
  ['Shiprock, Navajo Nation', 36.7856, -108.687, '35045'],
  ['Supai, Havasupai', 36.2369, -112.6891, '04005'],
  ['Peach Springs, Hualapai', 35.5292, -113.4255, '04015'],
  ['Pine Ridge, Oglala Sioux', 43.0255, -102.5563, '46102'],
  ['Rosebud, Sicangu Lakota', 43.233, -100.8535, '46121'],
  ['Fort Totten, Spirit Lake', 47.9803, -98.9929, '38005'],
  ['Browning, Blackfeet', 48.5569, -113.0134, '30035'],
  ['Keshena, Menominee', 44.8838, -88.6337, '55078'],
  ['Neah Bay, Makah', 48.3651, -124.6248, '53009'],
  ['Metlakatla, Annette Island', 55.1291, -131.5722, '02198'],
];

const ANTIMERIDIAN: readonly KnownPlace[] = [
  ['Attu', 52.9025, 172.9094, '02016'],
  ['Shemya', 52.7197, 174.1128, '02016'],
  ['Adak', 51.88, -176.65, '02016'],
  ['Amchitka', 51.5, 178.9, '02016'],
  ['St. Paul, Pribilof Islands', 57.1253, -170.28, '02016'],
  // Minor outlying islands without counties and without a PSAP: the relay centre.
  ['Midway', 28.2072, -177.3735, null],
  ['Wake', 19.2823, 166.647, null],
];

const snapshot = testSnapshot();
const sourceIdOf = (place: string | null): string | null =>
  place === null ? null : /^\d/.test(place) ? `us-county-${place}` : `ca-province-${place}`;

const TABLE = { SEATS, INDEPENDENT_CITIES, BORDERS, ISLANDS, RESERVATIONS, ANTIMERIDIAN };

for (const [group, places] of Object.entries(TABLE)) {
  describe(group.toLowerCase().replace('_', ' '), () => {
    for (const [name, latitude, longitude, truth, miss] of places) {
      test(miss ? `${name} (a miss: ${miss.because})` : name, () => {
        const route = explainRoute(snapshot, { shape: { type: 'point', position: { latitude, longitude } } });
        assert.equal(route?.mapping.sourceId ?? null, sourceIdOf(miss ? miss.answer : truth));
        if (miss) assert.notEqual(miss.answer, truth);
        // Whoever reads the answer sees that it is no PSAP's own boundary.
        if (route) assert.match(route.mapping.displayName, /level default, simulated PSAP\)$/);
      });
    }
  });
}

test('the table covers every state, territory and province', () => {
  const seats = SEATS.map(([, , , truth]) => truth ?? '');
  for (const { code, fips } of US_REGIONS)
    assert.ok(
      seats.some((seat) => seat.startsWith(fips)),
      code,
    );
  for (const { code } of CA_REGIONS) assert.ok(seats.includes(code.toLowerCase()), code);
  assert.ok(Object.values(TABLE).flat().length >= 60);
});
