import { posix } from 'node:path';
import type { LayerResult } from './layer.ts';
import { readLayer } from './read-layer.ts';
import { parseYamlSource } from './yaml-source.ts';

/**
 * Read the text of `mape-image.yaml`: all findings at once, in order of place, and the settings that hold.
 *
 * Loads zod and yaml (some 60 ms): import this module where settings are read, not at the start.
 *
 * @param fileName shown in findings and origins; relative paths inside the text start from its folder
 * @param layer which of the two files it is
 */
export function parseConfigText(
  text: string,
  fileName: string,
  layer: 'project' | 'user' = 'project',
): LayerResult {
  const source = parseYamlSource(text, fileName);
  return readLayer({ layer, folder: posix.dirname(fileName), ...source });
}
