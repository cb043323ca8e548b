import { describe, expect, it } from 'vitest';
import { escapeControls } from '../../src/bytes/escape-controls.ts';

describe('escapeControls', () => {
  it.each([
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['a\tb', 'a\tb'],
    ['\u009b31m', '\\x9b31m'],
    ['txt.\u202egpj', 'txt.\\u202egpj'],
    ['\r0%', '\\x0d0%'],
    ['日本語', '日本語'],
  ])('%j', (line, escaped) => expect(escapeControls(line)).toBe(escaped));
});
