import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ProblemError } from '../domain/problem.ts';

const TIMEOUT_MS = 240_000;
const SHORT_TIMEOUT_MS = 10_000;
const MOST_OUTPUT = 4 * 1024 * 1024;

type Run = { status: 'done'; output: string } | { status: 'absent' } | { status: 'failed'; why: string };

/** Runs a program of GDAL without a shell, for a bounded time. Blocks: only for a process that serves nothing else. */
function runTool(program: string, args: readonly string[], timeoutMs: number): Run {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return { status: 'absent' };
  if (code === 'ETIMEDOUT') return { status: 'failed', why: 'it took too long' };
  if (error !== undefined) return { status: 'failed', why: error.message };
  if (status === 0) return { status: 'done', output: stdout };
  const [why = 'it gave no reason'] = stderr.split('\n').filter((line) => line.startsWith('ERROR'));
  return { status: 'failed', why: why.slice(0, 300) };
}

/** What the programs of GDAL do for us. Blocks. */
export type GdalTools = {
  /** WKT of an EPSG code; undefined where GDAL is absent or does not know it either. */
  describe(code: number): string | undefined;
  /** Names of the layers of a File Geodatabase. */
  listLayers(path: string): string[];
  /** Layers of a File Geodatabase as a GeoPackage, in their own coordinate systems, curves as lines. */
  convert(path: string, layers: readonly string[], toPath: string): void;
};

/** The programs in `folder`; unless told, those on the path. */
export function findGdalTools(folder?: string): GdalTools {
  const run = (program: string, args: readonly string[], timeoutMs: number): Run =>
    runTool(folder === undefined ? program : join(folder, program), args, timeoutMs);
  return {
    describe(code) {
      const described = run('gdalsrsinfo', ['-o', 'wkt1', '--single-line', `EPSG:${code}`], SHORT_TIMEOUT_MS);
      const wkt = described.status === 'done' ? described.output.trim() : '';
      return wkt === '' ? undefined : wkt;
    },
    listLayers(path) {
      const output = outputOf(run('ogrinfo', ['-ro', '-q', path], SHORT_TIMEOUT_MS * 3), 'opening the geodatabase');
      return output.split('\n').flatMap((line) => /^(?:Layer: |\d+: )(.+?)(?: \([^()]*\))?$/.exec(line)?.[1] ?? []);
    },
    convert(path, layers, toPath) {
      // It would be read as an option, such as one that names statements to run.
      const option = layers.find((name) => name.startsWith('-'));
      if (option !== undefined) throw new ProblemError('invalid', `a layer cannot be called ${option.slice(0, 80)}`);
      const args = ['-f', 'GPKG', '-nlt', 'CONVERT_TO_LINEAR', '-dim', 'XY', '-forceNullable', '-unsetFieldWidth'];
      const quiet = ['-q', '-lco', 'SPATIAL_INDEX=NO', '--config', 'OGR_SQLITE_SYNCHRONOUS', 'OFF'];
      outputOf(run('ogr2ogr', [...args, ...quiet, toPath, path, ...layers], TIMEOUT_MS), 'reading the geodatabase');
    },
  };
}

function outputOf(run: Run, doing: string): string {
  switch (run.status) {
    case 'done':
      return run.output;
    case 'absent':
      throw new ProblemError(
        'unsupported-media-type',
        'a File Geodatabase is read by GDAL, which is not installed here: install gdal-bin, or send GeoPackage, Shapefile or GeoJSON',
      );
    case 'failed':
      throw new ProblemError('malformed', `${doing} failed: ${run.why}`);
  }
}
