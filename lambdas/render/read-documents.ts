import { Composer, type Document, Lexer, Parser, type Tags } from 'yaml';

/** An object of 1.5 MiB has some 400,000 lexemes, and each takes up to half a kilobyte while its document is read. */
const maxLexemes = 500_000;

/** Charts leave an empty document for each template that is switched off; a thousand objects may be among them. */
const maxDocuments = 10_000;

/** The first is told; each is held with its stack. */
const maxErrors = 100;

/** Digits that may be more than a double holds: only then are integers read as such, since that is slower. */
const longInteger = /[\d_]{16}|0[xo][\da-f_]{13}/i;

/**
 * Documents one by one, so that no more than one is held, as YAML that Kubernetes' own tools read: 1.1, where `0644` is
 * octal and `yes` is true, but without the tags that they lack too: base-60 numbers (`22:30`), dates and binary stay text.
 * Neither keys that come twice are refused here (the parser's way takes the square of their number), nor integers beyond
 * 2^53: both are `checkDocument`'s.
 * @throws Error for more than is ever meant
 */
export function* readDocuments(text: string): Generator<Document> {
  const parser = new Parser();
  const composer = new Composer({
    version: '1.1',
    prettyErrors: false,
    uniqueKeys: false,
    intAsBigInt: longInteger.test(text),
    customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || isKnownToKubernetes(tag)),
  });
  let documents = 0;
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > maxLexemes) throw new Error(`a document has more than ${maxLexemes} parts`);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && ++errors > maxErrors) throw new Error(token.message);
      if (token.type === 'document') lexemes = 0;
      for (const document of composer.next(token)) {
        documents += 1;
        if (documents > maxDocuments) throw new Error(`has more than ${maxDocuments} documents`);
        yield document;
      }
    }
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

const unknownTags = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`));

const isKnownToKubernetes = (tag: { tag: string; format?: string }): boolean =>
  tag.format !== 'TIME' && !unknownTags.has(tag.tag);
