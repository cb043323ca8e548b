export interface UciSection {
  type: string;
  name: string;
  anonymous: boolean;
  options: Record<string, string | string[]>;
}
export interface UciCommand {
  verb: string;
  config?: string;
  section?: string | undefined;
  option?: string | undefined;
  value?: string | undefined;
}
export function parseWords(line: string): string[];
export function parseBatch(text: string): UciCommand[];
export function parseConfig(text: string): UciSection[];
export function formatConfig(sections: readonly UciSection[]): string;
