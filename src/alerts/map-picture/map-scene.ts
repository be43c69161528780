/** A boundary on a map: rings of `longitude, latitude, …` in degrees. */
export type SceneOutline = {
  name: string;
  kind: 'region' | 'service-area';
  /** The place of the map lies within. */
  isHome: boolean;
  polygons: readonly (readonly Float64Array[])[];
};

/** A line of `longitude, latitude, …` in degrees. */
export type SceneStreet = { name: string; line: Float64Array };

export type ScenePoint = { name: string; longitude: number; latitude: number };

/** Everything that one picture shows, as it is handed to who draws it. */
export type MapScene = {
  widthPixels: number;
  heightPixels: number;
  /** Pixels of the picture for one of the above: screens are finer than they say. */
  density: number;
  latitude: number;
  longitude: number;
  metersPerPixel: number;
  /** null: not known, or none. */
  uncertaintyMeters: number | null;
  outlines: readonly SceneOutline[];
  streets: readonly SceneStreet[];
  houses: readonly ScenePoint[];
  /** Other places of the organization. */
  sites: readonly ScenePoint[];
  /** Where in its region the place lies, as a small map in a corner; null: the map shows that itself. */
  inset: { metersPerPixel: number } | null;
  /** A larger picture is drawn again at less density. */
  maxBytes: number;
};
