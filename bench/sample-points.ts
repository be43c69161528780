/** Points over the middle of the United States, the same in every run. */
export function samplePoints(count: number): { latitude: number; longitude: number }[] {
  let seed = 911;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: count }, () => ({
    latitude: 33 + Math.round(random() * 12e5) / 1e5,
    longitude: -115 + Math.round(random() * 30e5) / 1e5,
  }));
}
