#!/usr/bin/env node
// Plain JavaScript, so that an older Node can run it and print which version it needs.
const needed = 26;
const [major] = process.versions.node.split('.').map(Number);
if (major < needed) {
  process.stderr.write(
    `spendwatch needs Node ${needed}, this is ${process.versions.node}. ` +
      'Run it as "npx spendwatch" in the project\'s folder, or as an npm script: both bring Node 26 along after "npm ci".\n',
  );
  process.exitCode = 1;
} else {
  const { main } = await import('./spendwatch.ts');
  await main(process.argv.slice(2));
}
