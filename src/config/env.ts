/** The only place that reads the process environment. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Where programs and their data stand. */
const TOOLS = ['PATH', 'LD_LIBRARY_PATH', 'GDAL_DATA', 'PROJ_DATA', 'PROJ_LIB', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

/** The part of the environment that programs get which read files of others: nothing secret is in it. */
export function readToolEnvironment(): Readonly<Record<string, string>> {
  const found = TOOLS.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}
