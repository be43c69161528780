export const preferences = {
  title: 'Columns and rows',
  pageSize: 'Rows on a page',
  rows: (count: number) => `${count} rows`,
  wrapLines: 'Long texts go on in the next line',
  wrapLinesHelp: 'Else they are cut where the column ends.',
  density: 'Compact',
  densityHelp: 'More rows on the screen.',
  columns: 'Columns',
  columnsHelp: 'What is shown, and in which order. This browser remembers it; exports have all columns.',
};

export const finder = {
  title: 'Find anything',
  withKeys: (keys: string) => `Find anything (${keys})`,
  help: 'Pages, locations, rooms, people, numbers, network elements, calls and PSAPs. Choose with the arrow keys, open with Enter.',
  placeholder: 'A name, number, address or MAC address',
  clear: 'Empty the field',
  nothing: 'Nothing is called so.',
  failed: (names: string) => `Could not be looked into: ${names}.`,
  groups: {
    pages: 'Pages',
    locations: 'Locations',
    rooms: 'Emergency response locations',
    members: 'Members',
    numbers: 'Numbers',
    elements: 'Network elements',
    calls: 'Calls',
    psaps: 'PSAPs',
  },
};

export const shortcuts = {
  title: 'Keyboard shortcuts',
  close: 'Close',
  keys: {
    find: 'Find anything',
    findPage: 'Find anything, while no field is written in',
    list: 'Show these shortcuts',
    home: 'Home',
    places: 'Places',
    calls: 'Calls',
    wireMap: 'Wire map',
    members: 'Members',
    alerts: 'Alerts',
    routing: 'Routing',
  },
  control: 'Ctrl',
  command: '⌘',
  after: 'then',
  single: 'Keys without Ctrl',
  singleHelp: 'Turn them off if you speak to your computer or press keys by mistake. This browser remembers it.',
};

export const formats = {
  day: 'YYYY/MM/DD',
  time: 'hh:mm',
  milliseconds: (count: number | string) => `${count} ms`,
  uri: 'URI',
  elin: 'ELIN',
  nguid: 'NGUID',
};
