/**
 * The constant shell texts between this process and every program it runs. The program and its arguments arrive as
 * `"$@"`; nothing is ever put into the text.
 *
 * Both set the umask to 022: an ImageBuilder refuses any other, and a tree once built under another goes on to give
 * other images without a word.
 */
export const PLAIN = 'umask 022; exec "$@"';

/**
 * The leader of a process group that ends as a whole.
 *
 *    fd 3   the exit code goes out here as text, for the leader itself dies with its group
 *    fd 4   a lifeline that nothing is ever written to: it ends when this process ends, in whatever way
 *    fd 8   handed on to the program where it is open
 *
 * The leader catches the polite signals, for it has to outlive the program to sweep up what that left behind; a caught
 * signal is back to its default in the program, an ignored one would not be. The watcher ignores them, for it must
 * guard the group until the last.
 */
export const GROUP = `
trap : TERM INT HUP
umask 022
(
  trap '' TERM INT HUP
  exec 3>&- 8>&-
  read -r line <&4
  kill -KILL 0
) </dev/null >/dev/null 2>&1 &
"$@" 3>&- 4<&-
echo "$?" >&3
kill -KILL 0
`;
