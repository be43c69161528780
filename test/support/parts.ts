/** System parts that tests need beside Node, and the one way to do without them: saying so out loud. */
import { existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

export type Part = 'postgresql' | 'postgis' | 'sipp' | 'chromium' | 'kamailio' | 'gdal' | 'opensmtpd';

type PartRow = { debianPackages: readonly string[]; isThere(): boolean };

/** Where a program is; undefined: nowhere. Daemons stand in /usr/sbin, which is not on every user's path. */
export function programPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function onPath(program: string): boolean {
  return programPath(program) !== undefined;
}

function postgresBinaries(): boolean {
  const base = '/usr/lib/postgresql';
  return existsSync(base) && readdirSync(base).some((version) => existsSync(join(base, version, 'bin', 'initdb')));
}

/** For the version of PostgreSQL that tests and benchmarks start, which is the newest. */
function postgisExtension(): boolean {
  const base = '/usr/share/postgresql';
  const versions = existsSync(base) ? readdirSync(base).map(Number).filter(Number.isFinite) : [];
  return existsSync(join(base, String(Math.max(...versions)), 'extension', 'postgis.control'));
}

export const PARTS: Readonly<Record<Part, PartRow>> = {
  postgresql: { debianPackages: ['postgresql'], isThere: postgresBinaries },
  postgis: { debianPackages: ['postgresql-postgis'], isThere: postgisExtension },
  sipp: { debianPackages: ['sip-tester'], isThere: () => onPath('sipp') },
  chromium: { debianPackages: ['chromium'], isThere: () => existsSync('/usr/bin/chromium') },
  gdal: { debianPackages: ['gdal-bin'], isThere: () => onPath('ogr2ogr') && onPath('gdalsrsinfo') },
  // It starts as root only: nobody else needs it.
  opensmtpd: { debianPackages: ['opensmtpd'], isThere: () => onPath('smtpd') || userInfo().uid !== 0 },
  kamailio: {
    debianPackages: ['kamailio', 'kamailio-utils-modules', 'kamailio-tls-modules'],
    isThere: () =>
      onPath('kamailio') &&
      ['x86_64-linux-gnu', 'aarch64-linux-gnu'].some((machine) =>
        ['lost.so', 'tls.so'].every((module) => existsSync(`/usr/lib/${machine}/kamailio/modules/${module}`)),
      ),
  },
};

const skipped = new Set((process.env.WAYMARK_TEST_SKIP ?? '').split(',').map((name) => name.trim()));

/** For `test(name, { skip: skipWithout('sipp') }, …)`: false unless the part was given up by WAYMARK_TEST_SKIP. */
export function skipWithout(part: Part): string | false {
  return skipped.has(part) ? `WAYMARK_TEST_SKIP names ${part}` : false;
}
