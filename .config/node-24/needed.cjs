// What `npm start` runs first. It is CommonJS, which every Node reads.
const [major] = process.version.slice(1).split('.');
if (Number(major) < 24) {
  console.error(
    `Countermand needs Node 24 or later, and this is ${process.version}: brew install node@24, or take it from https://nodejs.org.`,
  );
  process.exitCode = 1;
}
