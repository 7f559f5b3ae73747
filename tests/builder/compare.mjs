// SPDX-License-Identifier: ISC
//
// /compare: what two builds were made from, side by side, with the odds of the
// real site: left_packages holds what only the right one has, and so on.

const ascending = (a, b) => a < b ? -1 : a > b ? 1 : 0;

/** {left: names only there, right, both}, ascending. */
function sides(left, right) {
  const names = Object.keys(left).sort(ascending);
  return { left: names.filter((name) => !(name in right)),
    right: Object.keys(right).filter((name) => !(name in left)).sort(ascending),
    both: names.filter((name) => name in right) };
}

const versions = (names, of) =>
  names.map((name) => ({ name, version: of[name] }));

const changed = (both, left, right) => both
  .filter((name) => left[name] !== right[name])
  .map((name) => ({ name, version_left: left[name],
    version_right: right[name] }));

function swapped(left, right) {
  const names = sides(left, right);
  return { left_packages: versions(names.right, right),
    right_packages: versions(names.left, left),
    different_versions: changed(names.both, left, right) };
}

/** A diff of one hunk. */
function unified(name, left, right) {
  const least = Math.min(left.length, right.length);
  let head = 0, tail = 0;
  while (head < least && left[head] === right[head]) head++;
  while (tail < least - head && left.at(-1 - tail) === right.at(-1 - tail))
    tail++;
  const from = Math.max(0, head - 3);
  const rest = Math.max(0, tail - 3);
  const lines = (of, sign) => of.slice(head, of.length - tail)
    .map((line) => sign + line);
  const size = (of) => of.length - rest - from;
  return [`--- left/${name}/opam`, `+++ right/${name}/opam`,
    `@@ -${from + 1},${size(left)} +${from + 1},${size(right)} @@`,
    ...left.slice(from, head).map((line) => ` ${line}`),
    ...lines(left, '-'), ...lines(right, '+'),
    ...left.slice(left.length - tail, left.length - rest)
      .map((line) => ` ${line}`), ''].join('\n');
}

function duniverse(left, right) {
  const error = [left, right].find((side) => typeof side === 'string');
  if (error !== undefined) return error;
  const names = sides(left, right);
  const urls = (list, of) =>
    list.map((name) => ({ name, value: of[name].url }));
  return { left: urls(names.left, left), right: urls(names.right, right),
    detailed_diff: names.both.filter((name) =>
      left[name].hash !== right[name].hash).reverse().map((name) => ({ name })) };
}

function opam(left, right) {
  const names = sides(left.opam, right.opam);
  const differ = names.both.filter((name) =>
    left.opam[name] === right.opam[name] && left.files[name] &&
    left.files[name].join('\n') !== right.files[name].join('\n'));
  return {
    opam_diff: differ.reverse().map((name) => ({
      package_version: `${name}.${left.opam[name]}`, effectively_equal: false,
      diff: unified(name, left.files[name], right.files[name]) })),
    version_diff: changed(names.both, left.opam, right.opam),
    only_in_left: versions(names.left, left.opam).reverse(),
    only_in_right: versions(names.right, right.opam).reverse(),
    duniverse_diff: duniverse(left.duniverse, right.duniverse),
  };
}

const needed = ['opam-switch', 'build-environment', 'system-packages'];

/** null if a build lacks what is compared; side tells one build. */
export function compare(left, right, side) {
  if ([left, right].some((build) =>
    needed.some((name) => !build.artifacts.has(name))))
    return null;
  const sized = (build) => ({ ...side(build),
    main_binary_size: build.binary?.length ?? null });
  return { left: sized(left), right: sized(right),
    env_diff: swapped(left.environment, right.environment),
    package_diff: swapped(left.system, right.system),
    opam_diff: opam(left, right) };
}
