import Handlebars from 'handlebars';
import { OverlayError } from './errors.ts';
import { nftString, nftToken, plainLine, shWord, uciValue } from './quote.ts';
import { renderUciOp, type UciOp } from './uci-op.ts';
import type { OverlayView } from './view.ts';

const QUOTING: Readonly<Record<string, (value: unknown) => string>> = {
  line: plainLine,
  nft: nftToken,
  nftString,
  nftList: (value) => requireList(value).map(nftToken).join(', '),
  sh: shWord,
  uci: uciValue,
  uciLine: (value) => renderUciOp(requireUciOp(value)),
};

const BLOCKS = new Set(['each', 'if']);

const handlebars = Handlebars.create();
// Handlebars hands helpers its options behind the value
for (const [name, quote] of Object.entries(QUOTING))
  handlebars.registerHelper(name, (value: unknown) => quote(value));

/**
 * Render one template; a value stands in it only by way of a quoting helper.
 *
 * @param path for messages
 * @throws OverlayError OVERLAY_TEMPLATE_INVALID, OVERLAY_UNSAFE_VALUE
 */
export function renderTemplate(path: string, source: string, view: OverlayView): string {
  try {
    const program = handlebars.parse(source);
    new QuotedOnly().accept(program);
    return handlebars.compile(program, { strict: true, noEscape: true, knownHelpersOnly: false })(view);
  } catch (cause) {
    if (cause instanceof OverlayError && cause.code === 'OVERLAY_UNSAFE_VALUE') throw cause;
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new OverlayError('OVERLAY_TEMPLATE_INVALID', {
      message: `wanted a template that renders at ${path}, found: ${reason}`,
      hint: 'install the program again; report this if it stays',
      details: { path, reason },
      cause,
    });
  }
}

/** Refuses every value that stands in a template without a quoting helper, and every block but `each` and `if`. */
class QuotedOnly extends Handlebars.Visitor {
  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    const name = 'original' in mustache.path ? String(mustache.path.original) : '';
    if (!Object.hasOwn(QUOTING, name) || mustache.params.length !== 1 || !mustache.escaped)
      throw new Error(`a value without quoting in line ${mustache.loc.start.line}`);
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    if (!BLOCKS.has(String(block.path.original)) || block.params.length !== 1)
      throw new Error(`a block that is neither if nor each in line ${block.loc.start.line}`);
    super.BlockStatement(block);
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    throw new Error(`a partial in line ${partial.loc.start.line}`);
  }
}

function requireList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error('a list helper without a list');
}

function requireUciOp(value: unknown): UciOp {
  if (isUciOp(value)) return value;
  throw new Error('a UCI helper without an operation');
}

function isUciOp(value: unknown): value is UciOp {
  return typeof value === 'object' && value !== null && 'verb' in value && 'key' in value;
}
