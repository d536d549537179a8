/** Text as HTML. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A hue that stays the same for the same text, and differs for another: an update is seen at a glance. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const byte of Buffer.from(text)) hash = (hash * 31 + byte) % 100_003;
  return (hash * 47) % 360;
}

const style = `
:root { color-scheme: light dark; --ink: #14202b; --quiet: #5c6b78; --line: #dfe5ea; --paper: #ffffff; --sea: #f2f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eef3; --quiet: #95a4b1; --line: #2a3742; --paper: #17212a; --sea: #0f171e; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 3rem 1.25rem; background: var(--sea);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: min(46rem, 100%); background: var(--paper); border: 1px solid var(--line); border-radius: 16px;
  overflow: hidden; box-shadow: 0 18px 50px rgb(10 30 50 / 10%); }
header { padding: 2.25rem 2.25rem 2rem; color: #fff;
  background: linear-gradient(120deg, oklch(41% .13 var(--hue)), oklch(50% .13 calc(var(--hue) + 40))); }
header p { margin: 0; opacity: .85; font-size: .95rem; }
h1 { margin: .1rem 0 .9rem; font-size: clamp(1.7rem, 6vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em;
  overflow-wrap: anywhere; }
.tag { display: inline-block; max-width: 100%; padding: .3rem .8rem; border-radius: 999px; background: rgb(255 255 255 / 18%);
  font: 500 .9rem ui-monospace, "Cascadia Code", Menlo, monospace; overflow-wrap: anywhere; }
section { padding: 1.5rem 2.25rem 2rem; }
h2 { margin: 1.4rem 0 .5rem; font-size: .78rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase;
  color: var(--quiet); }
h2:first-child { margin-top: 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; margin: 0; }
dt, dd { margin: 0; padding: .55rem 0; border-top: 1px solid var(--line); }
dt { padding-right: 1.5rem; color: var(--quiet); }
dd { font: .92rem/1.6 ui-monospace, "Cascadia Code", Menlo, monospace; overflow-wrap: anywhere; }
dl > :nth-child(-n + 2) { border-top: 0; }
dt.name { font: .92rem/1.6 ui-monospace, "Cascadia Code", Menlo, monospace; }
small { margin-left: .6rem; color: var(--quiet); font: .8rem system-ui, sans-serif; white-space: nowrap; }
.hidden { letter-spacing: .1em; color: var(--quiet); }
footer { padding: .9rem 2.25rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .85rem; }
@media (max-width: 34rem) { header, section, footer { padding-inline: 1.25rem; } dl { display: block; } dd { padding-top: 0; border-top: 0; } dl > dt:first-child + dd { border: 0; } }
`;

interface Page {
  title: string;
  hue: number;
  /** HTML inside the coloured band */
  header: string;
  /** HTML below it */
  content: string;
  footer: string;
  /** seconds after which the browser asks again */
  refresh?: number;
}

/** A whole page that needs nothing from anywhere else. */
export const layout = ({ title, hue, header, content, footer, refresh }: Page): string => `<!doctype html>
<html lang="en" style="--hue: ${hue}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${
  refresh === undefined ? '' : `\n<meta http-equiv="refresh" content="${refresh}">`
}
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>${header}</header>
<section>${content}</section>
<footer>${escaped(footer)}</footer>
</main>
</body>
</html>
`;
