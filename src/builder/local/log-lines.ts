import { escapeControls } from '../../bytes/escape-controls.ts';

const MAX_LINES = 12;
const MAX_CHARS = 300;

/** Words of a line that says what went wrong. */
const TELLING =
  /\b(?:error|errors|fail(?:ed|ure)?|cannot|can't|could not|unable|missing|denied|refused|killed|terminated|too big|not found|no such|no space|not enough|unknown|does not exist|conflicts?|clash|overwrite|mismatch|warning)\b|^ERROR|\*\*\*/i;

/** Lines that a good build prints as well. */
const HARMLESS = [
  /^Pseudo file "dev" exists/,
  /^Ignoring, exclude it/,
  /^Package list missing or not up-to-date/,
  /Exiting with failure status due to previous errors$/,
  /tar: .*\.(?:post|pre)-\w+: Not found in archive$/,
  /^Checking '[^']*'\.\.\. ok\.?$/,
  /TMPDIR value .*: No such file or directory/,
  /^(?:Installing|Configuring|Downloading|Enabling|Disabling|Packages:) /,
  /^\(\s*\d+\/\d+\) Installing /,
];

/**
 * The lines of a build's output that say what went wrong: not merely the last ones, which are make passing the failure on.
 * Each once, control characters escaped; where nothing tells, the last lines of standard error.
 */
export function selectLogLines(stdout: string, stderr: string): readonly string[] {
  const all = [...stdout.split('\n'), ...stderr.split('\n')]
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const telling = all.filter((line) => TELLING.test(line) && !HARMLESS.some((pattern) => pattern.test(line)));
  const makes = telling.filter((line) => /^make(?:\[\d+\])?: \*\*\*/.test(line));
  const own = telling.filter((line) => !makes.includes(line));
  // Of make's own chain only the innermost names the step that failed.
  const chosen = [...new Set([...own, ...makes.slice(0, 1)])];
  const lines =
    chosen.length > 0
      ? chosen
      : stderr
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-5);
  return cutMiddle(lines).map(show);
}

function cutMiddle(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  const half = MAX_LINES / 2;
  return [...lines.slice(0, half), `[${lines.length - MAX_LINES} lines left out]`, ...lines.slice(-half)];
}

function show(line: string): string {
  return escapeControls(line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line);
}
