/** Colours are those of the window (renderer/theme.css); on paper, and where nobody says, it is light. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --side: #f6f7f9; --line: #e1e5ea; --line-strong: #c3cad4; --text: #1a1f26; --dim: #5a6472; --accent: #1a5bc0; --ok: #17692f; --warn: #7d5000; --bad: #b3201d; --bad-bg: #fdefee; }
@media screen and (prefers-color-scheme: dark) { :root { --bg: #15181d; --side: #1a1e24; --line: #2b313a; --line-strong: #414a57; --text: #e2e6eb; --dim: #a0aab7; --accent: #7db1ff; --ok: #6fce8a; --warn: #e5b454; --bad: #ff8f88; --bad-bg: #392221; } }
* { box-sizing: border-box; }
body { max-width: 72rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; background: var(--bg); color: var(--text); font: 14px/1.5 'Inter', 'Segoe UI', system-ui, -apple-system, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .7rem; font-size: 1.2rem; line-height: 1.3; }
h3 { margin: 0; font-size: 1rem; }
h4 { margin: 1rem 0 .3rem; font-size: .875rem; }
p { margin: .4rem 0; }
p.prose, ol, .means { max-width: 50rem; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', 'Liberation Mono', 'DejaVu Sans Mono', monospace; font-size: .8125rem; }
code { unicode-bidi: isolate; white-space: pre-wrap; }
ul, ol { margin: .3rem 0; padding-left: 1.4rem; }
summary { padding: .15rem 0; color: var(--accent); cursor: pointer; }
.dim { color: var(--dim); }
.good { color: var(--ok); }
.warn { color: var(--warn); }
.bad { color: var(--bad); }
.status { white-space: nowrap; font-weight: 600; }
.plain { color: var(--dim); }
.glyph { display: inline-block; min-width: 1.35em; text-align: center; }
.note { padding: .5rem .8rem; border-left: 3px solid var(--warn); background: var(--side); }
.pill { padding: .05rem .5rem; border: 1px solid var(--line-strong); border-radius: 1rem; color: var(--dim); font-size: .75rem; font-weight: 400; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
thead th { border-color: var(--line-strong); color: var(--dim); font-size: .8125rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.change { width: 6.5rem; white-space: nowrap; }
.change .glyph { margin-right: .25rem; font-weight: 600; }
.values { padding: 0; list-style: none; color: var(--dim); }
nav ul { columns: 20rem; padding: 0; list-style: none; }
nav li { display: flex; gap: .5rem; justify-content: space-between; padding-right: 1.5rem; break-inside: avoid; }
article { margin: 0 0 1rem; border: 1px solid var(--line); border-radius: 8px; }
article > header { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; padding: .55rem 1rem; border-bottom: 1px solid var(--line); border-radius: 8px 8px 0 0; background: var(--side); }
article > header h3 { font-weight: 400; }
article > div { padding: .5rem 1rem .8rem; }
.sentence { margin-top: .4rem; max-width: 50rem; font-size: 1rem; font-weight: 600; }
.further { margin-top: .8rem; }
dl { margin: .4rem 0; }
dl > div { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: 0 1rem; padding: .12rem 0; }
dt { color: var(--dim); }
dd { margin: 0; min-width: 0; }
.strip { display: block; width: 100%; height: 26px; border: 1px solid var(--line-strong); border-radius: 4px; }
.swatch { width: 22px; height: 12px; margin-right: .4rem; border: 1px solid var(--line-strong); border-radius: 2px; vertical-align: -1px; }
rect.fine { fill: var(--ok); opacity: .35; }
.differs rect { fill: var(--bad); }
.zero rect, .extra rect { fill: var(--warn); }
.absent rect { fill: var(--dim); }
.strip .ground, .swatch .ground { fill: var(--bg); }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: 0; list-style: none; font-size: .8125rem; }
li.fine { color: var(--ok); }
li.differs { color: var(--bad); }
li.zero, li.extra { color: var(--warn); }
li.absent { color: var(--dim); }
.panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 31rem), 1fr)); gap: .8rem; }
figure { min-width: 0; margin: 0; }
figcaption { color: var(--dim); font-size: .8125rem; }
pre { margin: 0; padding: .5rem .7rem; border-radius: 6px; background: var(--side); font-size: .71875rem; line-height: 1.55; overflow-x: auto; }
mark { border-radius: 2px; background: var(--bad-bg); color: var(--bad); font-weight: 700; text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
footer { margin-top: 3rem; }
@media (max-width: 40rem) { body { padding: 1rem .8rem 3rem; } dl > div { grid-template-columns: 1fr; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  article > header, h2, h3, h4 { break-after: avoid; }
  .strip, .panes, tr, dl > div, li { break-inside: avoid; }
  .strip, .swatch, mark { print-color-adjust: exact; }
  summary { color: inherit; list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
