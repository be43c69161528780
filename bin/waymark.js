#!/usr/bin/env node
// Checks the runtime in the oldest syntax any Node understands, then hands over to the TypeScript sources.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Waymark needs Node 24 or later; this is ${process.version}.\n` +
      'The project brings its own: run it through npm (npm start, npx waymark …) after `npm ci`.\n' +
      'If you installed with --ignore-scripts, run `npm rebuild node` once.\n',
  );
  process.exit(1);
}
await import('../src/main.ts');
