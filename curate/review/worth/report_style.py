"""The style sheet of the HTML report: light and dark by the reader's system, and black on white when printed."""

STYLE = """
:root { color-scheme: light dark; --text: #1f2733; --quiet: #5b6675; --line: #d7dce3; --ground: #ffffff;
  --card: #f5f7fa; --accent: #2563eb; --good: #2563eb; --bad: #c2510c; }
@media (prefers-color-scheme: dark) { :root { --text: #e7ebf0; --quiet: #a3adba; --line: #333c48; --ground: #11161d;
  --card: #1a212b; --accent: #6ea0ff; --good: #6ea0ff; --bad: #f0883e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 20px 60px; max-width: 980px; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 32px 0 8px; }
p { margin: 6px 0; } .quiet { color: var(--quiet); font-size: .875rem; }
.verdict { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
.verdict strong { font-size: 1.15rem; } .value { font-size: 2.4rem; font-weight: 700; line-height: 1.1; }
.good { color: var(--good); } .bad { color: var(--bad); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { white-space: nowrap; } td { min-width: 4.5em; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 12px; }
figure { margin: 0; break-inside: avoid; font-size: .8rem; }
figure img, figure .none { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--card);
  border-radius: 6px; display: block; }
figcaption { padding-top: 4px; overflow-wrap: anywhere; }
svg { width: 100%; min-width: 520px; height: auto; display: block; } svg text { fill: var(--quiet); font-size: 12px; }
@media print { :root { color-scheme: light; --text: #000; --quiet: #444; --line: #bbb; --ground: #fff; --card: #fff;
  --accent: #1d4ed8; --good: #1d4ed8; --bad: #9a3c00; }
  body { max-width: none; padding: 0; font-size: 11pt; } h2 { break-after: avoid; }
  tr, .verdict, svg { break-inside: avoid; } .wide { overflow: visible; } svg { min-width: 0; }
  .pictures { grid-template-columns: repeat(6, 1fr); } }
"""
