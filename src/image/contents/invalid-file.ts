import { ImageError } from '../errors.ts';

/** What a text inside an image was taken for. */
export type TextForm = 'apk-installed' | 'opkg-status' | 'passwd' | 'shadow' | 'uci';

/** Why it is none; the text itself may be a secret and is not shown. */
export type TextProblem =
  | 'characters'
  | 'command'
  | 'duplicate'
  | 'fields'
  | 'missing'
  | 'no-section'
  | 'nul'
  | 'number'
  | 'quotes'
  | 'too-many'
  | 'type';

const WORDS: Readonly<Record<TextProblem, string>> = {
  characters: 'a name with characters that cannot stand there',
  command: 'a word that is none of config, option, list and package',
  duplicate: 'a name a second time',
  fields: 'another number of fields',
  missing: 'no name or no version',
  'no-section': 'an option before the first section',
  nul: 'a NUL byte',
  number: 'something else than a number',
  quotes: 'quotes without an end',
  'too-many': 'more entries than any router has',
  type: 'a section under the name of one of another type',
};

/** A text inside an image that is not what stands there on every router; `line` counts from 1. */
export function invalidFile(form: TextForm, path: string, line: number, problem: TextProblem): ImageError {
  return new ImageError('IMAGE_FILE_INVALID', {
    message: `wanted ${path} in the form of ${form}, found ${WORDS[problem]} in line ${line}`,
    hint: 'correct the file where it is yours; otherwise the image is damaged: build or download it again',
    details: { form, path, line, problem },
  });
}
