import type { Finding } from '../../errors.ts';
import type { RootEntry } from '../root-filesystem.ts';
import { parentOf } from './root-index.ts';

const OTHERS_WRITE = 0o002;
const OTHERS_READ = 0o004;
const OTHERS_PASS = 0o001;
const STICKY = 0o1000;
const SETID = 0o6000;
/** Named in one finding; the count says how many there are. */
const MAX_NAMED = 10;

/** Directories that are root's alone on every router, whatever lies in them. */
const PRIVATE =
  /^\/(?:root|etc\/(?:dropbear|ssh|ssl\/private|wireguard)|lost\+found|usr\/share\/mape-image\/secret)(?:\/|$)/;

/**
 * Modes and owners that are worth a word: they are right on hardly any router, and often come from the umask of whoever
 * made the files.
 */
export function checkModes(entries: readonly RootEntry[]): readonly Finding[] {
  const links = entries.filter(({ type }) => type !== 'symlink');
  const files = links.filter(({ type }) => type === 'file');
  return [
    ...report(
      'IMAGE_SETID_FILE',
      files.filter(({ mode }) => (mode & SETID) !== 0 && (mode & 0o111) !== 0),
    ),
    ...report('IMAGE_WORLD_WRITABLE', links.filter(isWorldWritable)),
    ...report(
      'IMAGE_OTHER_OWNER',
      links.filter(({ uid, gid }) => uid !== 0 || gid !== 0),
    ),
    ...report('IMAGE_CLOSED_DIRECTORY', listClosedDirectories(entries)),
  ];
}

/**
 * Directories that only root can pass although others may read what lies in them. One `0700` at the top, as `mktemp -d`
 * makes it, keeps every service that does not run as root from starting.
 */
export function listClosedDirectories(entries: readonly RootEntry[]): readonly RootEntry[] {
  const closed = new Map(
    entries
      .filter(
        ({ type, mode, path }) => type === 'directory' && (mode & OTHERS_PASS) === 0 && !PRIVATE.test(path),
      )
      .map((entry) => [entry.path, entry]),
  );
  const inTheWay = new Set<string>();
  if (closed.size === 0) return [];
  for (const { path, type, mode } of entries) {
    if (type === 'symlink' || path === '/' || (mode & OTHERS_READ) === 0) continue;
    for (let parent = parentOf(path); ; parent = parentOf(parent)) {
      // what is above has been looked at for the first entry that came by here
      if (inTheWay.has(parent)) break;
      if (closed.has(parent)) inTheWay.add(parent);
      if (parent === '/') break;
    }
  }
  return [...inTheWay].sort().flatMap((path) => closed.get(path) ?? []);
}

function isWorldWritable({ type, mode }: RootEntry): boolean {
  if ((mode & OTHERS_WRITE) === 0) return false;
  if (type === 'directory') return (mode & STICKY) === 0;
  return type === 'file';
}

const WORDS = {
  IMAGE_SETID_FILE: ['runs with the rights of its owner', 'run with the rights of their owner'],
  IMAGE_WORLD_WRITABLE: ['can be changed by everyone', 'can be changed by everyone'],
  IMAGE_OTHER_OWNER: ['does not belong to root', 'do not belong to root'],
  IMAGE_CLOSED_DIRECTORY: [
    'lets nobody but root pass to files that others have to read',
    'let nobody but root pass to files that others have to read',
  ],
} as const;

function report(code: keyof typeof WORDS, entries: readonly RootEntry[]): readonly Finding[] {
  const [one, many] = WORDS[code];
  if (entries.length === 0) return [];
  const paths = entries
    .slice(0, MAX_NAMED)
    .map(({ path, mode }) => `${path} (${mode.toString(8).padStart(4, '0')})`);
  const more = entries.length - paths.length;
  return [
    {
      severity: 'warning',
      code,
      message: `${paths.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${entries.length === 1 ? one : many}`,
      hint: 'correct the mode and the owner where the files are put together, and build again',
      details: { paths, count: entries.length, more },
    },
  ];
}
